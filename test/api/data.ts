// Measurements and their reference fits, as the tests of the public API read them.

import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

export interface ReferenceFit {
  readonly group: string;
  readonly params: number[];
  readonly stdErr: number[];
  readonly ssr: number;
  readonly dof: number;
}

export interface Reference {
  readonly data: string;
  readonly model: string;
  readonly x: string;
  readonly y: string;
  readonly by: string;
  readonly paramNames: string[];
  readonly fits: ReferenceFit[];
}

export function references(): Reference[] {
  return read('test/data/reference.ndjson').trim().split('\n').map((line) => JSON.parse(line) as Reference);
}

export type Rows = Readonly<Record<string, string>>[];

export function readCsv(name: string): Rows {
  const [head, ...lines] = read(`examples/data/${name}`).trim().split(/\r?\n/);
  const columns = head!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, j) => [column, cells[j]!]));
  });
}

export function numbers(rows: Rows, column: string): Float64Array {
  return Float64Array.from(rows, (row) => Number(row[column]));
}

/** A start that serves every group of a file: read off a plot, as one would. */
export const starts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'puromycin.csv': { Vm: 200, K: 0.1 },
  'dnase.csv': { Asym: 3, xmid: 1, scal: 1 },
  'indometh.csv': { A1: 3, lrc1: 1, A2: 0.5, lrc2: -1 },
  'theoph.csv': { lKe: -2.5, lKa: 0.5, lCl: -3 },
};

/** A small reproducible stream of numbers in (−1, 1): multiplicative congruence (Park & Miller 1988). */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/** Decays a·exp(−k·x) + c with noise: `fits` curves on a shared x. */
export function decays(fits: number, points = 24): { x: Float64Array; y: Float64Array } {
  const next = noise(20);
  const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / points);
  const y = new Float64Array(fits * points);
  for (let fit = 0; fit < fits; fit++) {
    const a = 5 + next(), k = 1 + next() / 3, c = next();
    for (let i = 0; i < points; i++) y[fit * points + i] = a * Math.exp(-k * x[i]!) + c + next() / 50;
  }
  return { x, y };
}
