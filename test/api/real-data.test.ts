import { describe, expect, it } from 'vitest';
import { curveFit, curveFitAsync, curveFitBatchSync, engineInfo, expr } from '../../src/index.ts';
import { numbers, readCsv, references, starts, type Reference, type Rows } from './data.ts';

/** −log₁₀ of the relative error, as the NIST data sets are judged. */
const digits = (value: number, truth: number): number => -Math.log10(Math.abs(value - truth) / Math.abs(truth) || 1e-16);

const predictorsOf = ({ data, x }: Reference): string[] => (data === 'theoph.csv' ? ['Dose', 'Time'] : [x]);

const groupsOf = (reference: Reference): Map<string, Rows> => {
  const groups = new Map<string, Rows>();
  for (const row of readCsv(reference.data)) {
    const key = row[reference.by]!;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
};

/** The same models as plain functions. */
const functions = {
  'puromycin.csv': (x: number, p: { Vm: number; K: number }) => (p.Vm * x) / (p.K + x),
  'dnase.csv': (x: number, p: { Asym: number; xmid: number; scal: number }) =>
    p.Asym / (1 + Math.exp((p.xmid - Math.log(x)) / p.scal)),
  'indometh.csv': (x: number, p: { A1: number; lrc1: number; A2: number; lrc2: number }) =>
    p.A1 * Math.exp(-Math.exp(p.lrc1) * x) + p.A2 * Math.exp(-Math.exp(p.lrc2) * x),
} as unknown as Record<string, (x: number, p: Record<string, number>) => number>;

describe.each(references().map((reference) => [reference.data, reference] as const))('%s', (file, reference) => {
  const names = predictorsOf(reference);
  const model = expr(reference.model, names);
  const groups = groupsOf(reference);
  const dataOf = (group: string): { x: Record<string, Float64Array>; y: Float64Array } => {
    const rows = groups.get(group)!;
    return { x: Object.fromEntries(names.map((name) => [name, numbers(rows, name)])), y: numbers(rows, reference.y) };
  };

  it.each(reference.fits.map((fit) => [fit.group, fit] as const))('group %s agrees with the reference', (group, truth) => {
    // The relative error of the parameters goes with the root of that of the sum of squares.
    const fit = curveFit({ ...dataOf(group), model, params: starts[file]! });
    expect(fit.success).toBe(true);
    expect(fit.engine).toBe(engineInfo().name);
    reference.paramNames.forEach((name, k) => {
      expect(digits(fit.params[name]!.value, truth.params[k]!)).toBeGreaterThan(6);
      expect(digits(fit.params[name]!.stdErr!, truth.stdErr[k]!)).toBeGreaterThan(4);
    });
    expect(digits(fit.stats.ssr, truth.ssr)).toBeGreaterThan(6);
    expect(fit.stats.dof).toBe(truth.dof);
    expect(fit.warnings).toEqual([]);
  });

  it('has four digits in every group at default options', () => {
    for (const { group, params } of reference.fits) {
      const fit = curveFit({ ...dataOf(group), model, params: starts[file]! });
      expect(fit.success).toBe(true);
      reference.paramNames.forEach((name, k) => expect(digits(fit.values[name]!, params[k]!)).toBeGreaterThan(4));
    }
  });

  it('gives the same bits as a ragged batch, and asynchronously', async () => {
    const all = reference.fits.map(({ group }) => dataOf(group));
    const offsets = new Uint32Array(all.length + 1);
    all.forEach(({ y }, i) => (offsets[i + 1] = offsets[i]! + y.length));
    const y = Float64Array.from(all.flatMap((one) => [...one.y]));
    const x = Object.fromEntries(names.map((name) => [name, Float64Array.from(all.flatMap((one) => [...one.x[name]!]))]));
    const batch = curveFitBatchSync({ model, x, y, offsets, params: starts[file]!, outputs: ['stdErr', 'covariance', 'residuals', 'r2'] });
    expect(batch.converged).toBe(all.length);
    const columns = batch.paramNames.length;
    for (let i = 0; i < all.length; i++) {
      const single = await curveFitAsync({ ...all[i]!, model, params: starts[file]! });
      const row = batch.at(i);
      expect(row.values).toEqual(single.values);
      expect(row.params).toEqual(single.params);
      expect([...batch.params.subarray(i * columns, (i + 1) * columns)]).toEqual(Object.values(single.values));
      expect([...batch.covariance!.subarray(i * columns * columns, (i + 1) * columns * columns)]).toEqual([...single.covariance!.data]);
      expect([...batch.residuals!.subarray(offsets[i]!, offsets[i + 1]!)]).toEqual([...single.residuals]);
      expect(batch.r2![i]).toBe(single.stats.r2);
      expect(row.covariance!.toArray()).toEqual(single.covariance!.toArray());
      expect(row.stats).toEqual(single.stats);
    }
  });

  it.runIf(file in functions)('runs as a plain function to the same solution', () => {
    const { x, y } = dataOf(reference.fits[0]!.group);
    const fit = curveFit({ x: x[reference.x]!, y, model: functions[file]!, params: { ...starts[file]! } });
    expect(fit.warnings).toEqual([]);
    reference.paramNames.forEach((name, k) => {
      expect(digits(fit.values[name]!, reference.fits[0]!.params[k]!)).toBeGreaterThan(6);
    });
  });
});

it('takes several predictors by name in a plain function', () => {
  const reference = references().find(({ data }) => data === 'theoph.csv')!;
  const rows = groupsOf(reference).get('1')!;
  const fit = curveFit({
    x: { time: numbers(rows, 'Time'), dose: numbers(rows, 'Dose') },
    y: numbers(rows, 'conc'),
    model: (x, p) =>
      (x.dose * Math.exp(p.lKe + p.lKa - p.lCl) * (Math.exp(-Math.exp(p.lKe) * x.time) - Math.exp(-Math.exp(p.lKa) * x.time))) /
      (Math.exp(p.lKa) - Math.exp(p.lKe)),
    params: { lKe: -2.5, lKa: 0.5, lCl: -3 },
  });
  const truth = reference.fits[0]!;
  expect(fit.warnings).toEqual([]);
  expect(digits(fit.values.lKa, truth.params[1]!)).toBeGreaterThan(6);
  expect(digits(fit.params.lCl.stdErr!, truth.stdErr[2]!)).toBeGreaterThan(4);
  const { time, dose } = { time: [1, 2], dose: [4, 4] };
  expect(fit.predict({ time, dose }).length).toBe(2);
  expect(() => fit.predict([1, 2])).toThrow('expected { time, dose } with an array for each');
});
