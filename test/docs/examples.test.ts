// Every example runs, on the engine of this project, and prints the right numbers.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nadir-examples-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function example(name: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const result = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  expect(result.status, result.stderr).toBe(0);
  return result.stdout;
}

interface Reference {
  readonly data: string;
  readonly fits: readonly { group: string; params: number[]; stdErr: number[] }[];
}
const references = readFileSync(new URL('../data/reference.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Reference);
const referenceOf = (data: string): Reference => references.find((one) => one.data === data)!;

it('first-model.mjs', () => {
  const text = example('first-model.mjs');
  expect(text).toMatch(/^rate +0\.0475519 +± 0\.000707628/m);
  expect(text).toContain('After 90 minutes the tea will have 23.8 °C.');
});

it('first-batch.mjs finds what made the data, within honest errors', () => {
  const text = example('first-batch.mjs', '3000');
  expect(text).toContain('3000 of 3000 curves converged');
  const offBy = Number(/k is off by ([\d.]+) standard errors/.exec(text)![1]);
  // scores with 61 degrees of freedom have the variance 61/59; 3000 of them know it to 1.3 %
  expect(Math.abs(offBy - Math.sqrt(61 / 59))).toBeLessThan(0.04);
});

it('dose-response.mjs agrees with the reference fits', () => {
  const lines = example('dose-response.mjs').trimEnd().split('\n').slice(1);
  expect(lines).toHaveLength(11);
  for (const line of lines) {
    const [run, ...cells] = line.trim().split(/\s{2,}/);
    const { params, stdErr } = referenceOf('dnase.csv').fits.find((fit) => fit.group === run)!;
    params.forEach((value, k) =>
      expect(cells[k]).toBe(`${value.toFixed(3)} ± ${stdErr[k].toFixed(3)}`),
    );
  }
});

it('theophylline.mjs agrees with the reference fits', () => {
  const lines = example('theophylline.mjs').trimEnd().split('\n').slice(1);
  expect(lines).toHaveLength(12);
  for (const line of lines) {
    const [subject, halfLife, absorption, clearance] = line.split(/\s+/);
    const { params } = referenceOf('theoph.csv').fits.find((fit) => fit.group === subject)!;
    const [lKe, lKa, lCl] = params;
    expect(halfLife).toBe((Math.LN2 / Math.exp(lKe)).toFixed(2));
    expect(absorption).toBe(Math.exp(lKa).toFixed(3));
    expect(clearance).toBe(Math.exp(lCl).toFixed(4));
  }
});

it('server.mjs answers, refuses, and stops by itself', () => {
  const [decays, typo, tooMuch] = example('server.mjs').trimEnd().split('\n');
  expect(decays).toMatch(/^two decays: 200 \[\{"status":"\w+","params":\{"a":(3|2\.9{9})/);
  expect(typo).toMatch(/^a typing error: 400 .*position 11/);
  expect(tooMuch).toBe('too much: 413 {"error":"more than 1000000 bytes"}');
});

it('draw-fits.mjs draws the picture in the README, bit by bit, on every engine', () => {
  const path = join(folder, 'fits.svg');
  example('draw-fits.mjs', path);
  const committed = new URL('../../examples/fits.svg', import.meta.url);
  expect(readFileSync(path, 'utf8')).toBe(readFileSync(committed, 'utf8'));
});

it('pixels.mjs finds the spots within honest errors', () => {
  const text = example('pixels.mjs', '1000');
  const truth = { amp: 500, xcen: 121.3, ycen: 140.8, xsigma: 31, ysigma: 24, offset: 20 };
  for (const [name, expected] of Object.entries(truth)) {
    const line = new RegExp(`^${name} +([\\d.]+) ± ([\\d.]+)$`, 'm').exec(text)!;
    const [value, error] = line.slice(1).map(Number);
    expect(Math.abs(value! - expected), name).toBeLessThan(3 * error!);
    expect(error! / expected, name).toBeLessThan(2e-3);
  }
  expect(text).toContain('1000 of 1000 spots of 15 × 15 pixels converged');
  const offBy = Number(/xcen is off by ([\d.]+) standard errors/.exec(text)![1]);
  expect(Math.abs(offBy - 1)).toBeLessThan(0.1);
});

/** Every number in a text. */
const numbersIn = (text: string): number[] => (text.match(/-?\d+\.?\d*/g) ?? []).map(Number);

it('uncertainty.mjs agrees with the reference fit, and its intervals with each other', () => {
  const text = example('uncertainty.mjs');
  const { params, stdErr } = referenceOf('puromycin.csv').fits.find(
    (fit) => fit.group === 'treated',
  )!;
  const numbers = (name: string): number[] =>
    numbersIn(new RegExp(`^${name} +(.*)$`, 'm').exec(text)![1]!);
  const student = 2.2281388519649385; // 97.5 % of Student's t with 10 degrees of freedom
  ['vmax', 'km'].forEach((name, k) => {
    const [value, error, low, high, profileLow, profileHigh, sampleLow, sampleHigh] = numbers(name);
    const near = k === 0 ? 0.06 : 6e-5; // half a unit of the last digit, and a little
    expect(Math.abs(value! - params[k]!)).toBeLessThan(near);
    expect(Math.abs(error! - stdErr[k]!)).toBeLessThan(near);
    expect(Math.abs(low! - (params[k]! - student * stdErr[k]!))).toBeLessThan(near);
    expect(Math.abs(high! - (params[k]! + student * stdErr[k]!))).toBeLessThan(near);
    // saturation curves are longer to the right
    expect(profileHigh! - params[k]!).toBeGreaterThan(params[k]! - profileLow!);
    expect(sampleLow! < params[k]! && params[k]! < sampleHigh!).toBe(true);
  });
  // by hand: relative variances, and the correlation 0.7651
  const [a, b] = [stdErr[0]! / params[0]!, stdErr[1]! / params[1]!];
  const relative = Math.sqrt(a * a + b * b - 2 * 0.7651 * a * b);
  const [efficiency, error] = numbers('efficiency');
  expect(Math.abs(error! / efficiency! - relative)).toBeLessThan(2e-4);
  const [, , , curveLow, curveHigh, nextLow, nextHigh] = numbersIn(/^at .*$/m.exec(text)![0]);
  expect(nextLow! < curveLow! && curveLow! < 129.6 && 129.6 < curveHigh!).toBe(true);
  expect(curveHigh).toBeLessThan(nextHigh!);
  expect(text).toMatch(/^michaelis +2 +1195\.4 /m);
});

it('outliers.mjs finds the years that were recorded otherwise', () => {
  const text = example('outliers.mjs');
  const row = (loss: string): string => new RegExp(`^${loss} .*$`, 'm').exec(text)![0];
  // the least-squares line by sums: 5.0415 calls per year
  expect(numbersIn(row('linear')).slice(0, 3)).toEqual([-7.99, 22.25, 5.04]);
  expect(row('linear')).toMatch(/none$/);
  for (const loss of ['cauchy', 'tukey']) {
    const [, , slope, error] = numbersIn(row(loss));
    // least median of squares: 1.155 (Rousseeuw & Leroy 1987, chapter 2)
    expect(Math.abs(slope! - 1.155)).toBeLessThan(2 * error!);
    expect(row(loss)).toMatch(/ 1964 1965 1966 1967 1968 1969 1970$/);
  }
});

it('counts.mjs finds the mean of a Poisson distribution, and its error', () => {
  const text = example('counts.mjs');
  const [total, , rate, error] = numbersIn(/^poisson .*$/m.exec(text)![0]);
  const [counted, mean, expected] = numbersIn(/^counted .*$/m.exec(text)![0]);
  expect(total).toBe(counted);
  expect(Math.abs(rate! - mean!)).toBeLessThan(3e-4); // the tail beyond 14 is not in the data
  expect(error).toBe(expected);
});

it('global-fit.mjs compares with the reference fits', () => {
  const text = example('global-fit.mjs');
  expect(text.match(/^mid .* run \d+$/gm)).toHaveLength(11);
  const { fits } = referenceOf('dnase.csv') as unknown as { fits: { ssr: number; dof: number }[] };
  const separate = fits.reduce((sum, fit) => sum + fit.ssr, 0);
  const dof = fits.reduce((sum, fit) => sum + fit.dof, 0);
  const [, shared, sharedDof, apart, apartDof, saved, , f] = numbersIn(
    /^shared: .*$/m.exec(text)![0],
  );
  expect(apart).toBe(Number(separate.toFixed(4)));
  expect([apartDof, sharedDof, saved]).toEqual([dof, dof + 20, 20]);
  expect(Math.abs(f! - (shared! - separate) / 20 / (separate / dof))).toBeLessThan(0.02);
});
