// A program by hand, a·exp(−b·x) + c, with seeded data: the raw add-on is tested without the
// compiler. Children are plain scripts that run in processes of their own.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadAddon, numberFieldCount, numberFields, type Addon, type FitArguments,
  type ProgramHandle } from '../../src/engine/addon.ts';
import { plainMethod, type FitJob, type FitOutputs, type Floats } from '../../src/engine/engine.ts';
import { opCode } from '../../src/model/ops.ts';
import { encodeProgram, operand, pointFile, dataFile, fitFile,
  type Program } from '../../src/model/program.ts';

const fit = (slot: number): number => operand(fitFile, slot);
const data = (slot: number): number => operand(dataFile, slot);
const point = (slot: number): number => operand(pointFile, slot);

/** Parameters a, b, c; one constant, 1, in fit slot 3. */
export const program: Program = {
  predictors: 1,
  params: 3,
  constants: Float64Array.of(1),
  dataInstructions: 0,
  fitInstructions: 1,
  pointInstructions: 6,
  dataSlots: 1,
  fitSlots: 5,
  pointSlots: 6,
  value: point(2),
  varying: Int32Array.of(0, 1, 2),
  jacobian: Int32Array.of(point(1), point(5), fit(3)),
  code: Int32Array.from([
    opCode.neg, 4, fit(1), -1, -1,
    opCode.mul, 0, fit(4), data(0), -1,
    opCode.exp, 1, point(0), -1, -1,
    opCode.mulAdd, 2, fit(0), point(1), fit(2),
    opCode.mul, 3, data(0), point(1), -1,
    opCode.mul, 4, point(3), fit(0), -1,
    opCode.neg, 5, point(4), -1, -1,
  ]),
};

export const words: Int32Array = encodeProgram(program);

export function openAddon(): { addon: Addon; path: string } {
  const loaded = loadAddon();
  if ('fault' in loaded) throw new Error(loaded.fault);
  return loaded;
}

/** Uniform numbers from 0 to 1 (a linear congruential generator is random enough for noise). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface Curves {
  readonly fits: number;
  readonly points: number;
  readonly x: Float64Array<ArrayBufferLike>;
  readonly y: Float64Array<ArrayBufferLike>;
}

export function floats(length: number, shared = false): Float64Array<ArrayBufferLike> {
  return new Float64Array(shared ? new SharedArrayBuffer(8 * length) : new ArrayBuffer(8 * length));
}

export function makeCurves(fits: number, points: number, shared = false): Curves {
  const random = generator(fits * 1000 + points);
  const x = floats(points, shared).map((_, i) => (5 * i) / points);
  const y = floats(fits * points, shared);
  for (let k = 0; k < fits; k++) {
    const a = 1 + random(), b = 0.5 + random(), c = random() / 2;
    for (let i = 0; i < points; i++)
      y[k * points + i] = a * Math.exp(-b * x[i]!) + c + 0.02 * (random() - 0.5);
  }
  return { fits, points, x, y };
}

export type Filled = FitOutputs & {
  readonly stdErr: Float64Array; readonly covariance: Float64Array; readonly r2: Float64Array;
  readonly residuals: Float64Array; readonly sums: Float64Array;
};

/** Sums per fit of three parameters, and how many more there are with a loss. */
export const sumsWidth = 10, lossSums = 3;

export function makeOutputs({ fits, points }: Curves, shared = false, width = sumsWidth): Filled {
  const bytes = (length: number): ArrayBufferLike =>
    shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  return {
    params: new Float64Array(bytes(24 * fits)).fill(NaN),
    ssr: new Float64Array(bytes(8 * fits)).fill(NaN),
    status: new Uint8Array(bytes(fits)).fill(99),
    iterations: new Uint16Array(bytes(2 * fits)).fill(999),
    stdErr: new Float64Array(bytes(24 * fits)).fill(NaN),
    covariance: new Float64Array(bytes(72 * fits)).fill(NaN),
    r2: new Float64Array(bytes(8 * fits)).fill(NaN),
    residuals: new Float64Array(bytes(8 * fits * points)).fill(NaN),
    sums: new Float64Array(bytes(8 * fits * width)).fill(NaN),
  };
}

/** The outputs that differ, to the bit; large ones are compared in no time. */
export function differences(actual: FitOutputs, expected: FitOutputs): string[] {
  return (Object.keys(expected) as (keyof FitOutputs)[]).filter((name) => {
    const a = actual[name]!, b = expected[name]!;
    if (a.length !== b.length) return true;
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return true;
    return false;
  });
}

export const start: Float64Array = Float64Array.of(1, 1, 0);

export function makeJob(curves: Curves, outputs: FitOutputs,
  changes: Partial<FitJob> = {}): FitJob {
  return {
    ...plainMethod, yShared: false,
    program, fits: curves.fits, points: curves.points, offsets: null, x: [curves.x as Floats],
      xShared: true,
    y: curves.y as Floats, sigma: null, sigmaShared: false, init: start, initShared: true,
      ftol: 1e-8, xtol: 1e-8,
    gtol: 1e-8, maxIter: 200, covarianceFactor: 0, fused: false, outputs, ...changes,
  };
}

/** The arguments of `fit` in their order; arrays of predictors follow. */
export const argumentNames = [
  'program', 'numbers', 'y', 'sigma', 'offsets', 'init', 'lower', 'upper', 'xScale', 'lossScale',
  'params', 'ssr', 'status', 'iterations', 'stdErr', 'covariance', 'r2', 'residuals', 'sums', 'x',
] as const;

export type ArgumentName = (typeof argumentNames)[number];
export type NumberField = keyof typeof numberFields;

/** Where an argument stands. */
export const position: Readonly<Record<ArgumentName, number>> = Object.fromEntries(
  argumentNames.map((name, i) => [name, i])) as Record<ArgumentName, number>;

export function makeNumbers({ fits, points }: Curves,
  changes: Partial<Record<NumberField, number>> = {}): Float64Array {
  const given: Partial<Record<NumberField, number>> = {
    fits, points, xShared: 1, initShared: 1, ftol: 1e-8, xtol: 1e-8, gtol: 1e-8, maxIter: 200,
    threads: 1, maxSeconds: Infinity, ...changes,
  };
  const numbers = new Float64Array(numberFieldCount);
  for (const [name, value] of Object.entries(given))
    numbers[numberFields[name as NumberField]] = value;
  return numbers;
}

export function makeArguments(handle: ProgramHandle, curves: Curves,
  outputs: FitOutputs): FitArguments {
  const { params, ssr, status, iterations, stdErr, covariance, r2, residuals, sums } = outputs;
  return [
    handle, makeNumbers(curves), curves.y as Floats, null, null, start, null, null, null, null,
    params, ssr, status, iterations, stdErr, covariance, r2, residuals, sums, curves.x as Floats,
  ];
}

/** What ES2024 adds to ArrayBuffer, and Node 20 has. */
export interface ResizableBuffer extends ArrayBuffer {
  resize(bytes: number): void;
}

export function resizableBuffer(bytes: number, mostBytes: number): ResizableBuffer {
  const Constructor = ArrayBuffer as unknown as
    new (bytes: number, options: { maxByteLength: number }) => ResizableBuffer;
  return new Constructor(bytes, { maxByteLength: mostBytes });
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Runs a script of children/ to its end in a process of its own. */
export function runChild(script: string, ...args: string[]): Promise<Ended> {
  const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
  const env = {
    ...process.env,
    NADIR_TEST_BINARY: openAddon().path,
    NADIR_TEST_PROGRAM: JSON.stringify({ words: [...words], constants: [...program.constants] }),
    NADIR_TEST_LAYOUT: JSON.stringify({ argumentNames, numberFields, numberFieldCount }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', path, ...args], { env });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}
