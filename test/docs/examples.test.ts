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
  expect(text).toMatch(/^xcen +121\.3\d+ ± 0\.0\d+$/m);
  expect(text).toContain('1000 of 1000 spots of 15 × 15 pixels converged');
  const offBy = Number(/xcen is off by ([\d.]+) standard errors/.exec(text)![1]);
  expect(Math.abs(offBy - 1)).toBeLessThan(0.1);
});
