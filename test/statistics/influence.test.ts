import { describe, expect, it } from 'vitest';
import { curveVariance } from '../../src/statistics/curve-variance.ts';
import { exactDependences, spectrum } from '../../src/statistics/identifiability.ts';
import { influence } from '../../src/statistics/influence.ts';
import { akaikeWeights } from '../../src/statistics/information.ts';
import { DenseMatrix } from '../../src/statistics/matrix.ts';
import { profileEnd } from '../../src/statistics/profile.ts';
import { Random } from '../../src/statistics/random.ts';
import { caseRows, residualRows } from '../../src/statistics/resample.ts';

const x = [1, 2, 4, 7, 11, 30];
const line = Float64Array.from(x.flatMap((v) => [1, v]));
const mean = x.reduce((s, v) => s + v, 0) / x.length;
const spread = x.reduce((s, v) => s + (v - mean) ** 2, 0);

describe('influence', () => {
  it('has the leverage of a straight line', () => {
    const residuals = Float64Array.of(1, -1, 2, 0.5, -2, 0.1);
    const { leverage, studentized, cook } = influence(line, 2, residuals, 2.5)!;
    x.forEach((v, i) => {
      const h = 1 / x.length + (v - mean) ** 2 / spread;
      const t = residuals[i]! / Math.sqrt(2.5 * (1 - h));
      expect(leverage[i]).toBeCloseTo(h, 14);
      expect(studentized[i]).toBeCloseTo(t, 13);
      expect(cook[i]).toBeCloseTo((t * t * h) / (1 - h) / 2, 12);
    });
    expect(leverage.reduce((s, h) => s + h, 0)).toBeCloseTo(2, 13);
  });

  it('is not upset by dependent columns', () => {
    const twice = Float64Array.from(x.flatMap((v) => [1, v, 2 * v - 1]));
    const { leverage } = influence(twice, 3, new Float64Array(6), 1)!;
    expect(leverage.reduce((s, h) => s + h, 0)).toBeCloseTo(2, 12);
  });

  it('has no distance for a point that stands alone', () => {
    const alone = Float64Array.from([1, 0, 1, 0, 1, 0, 0, 1]);
    const { leverage, cook } = influence(alone, 2, new Float64Array(4), 1)!;
    expect(leverage[3]).toBe(1);
    expect(cook[3]).toBe(NaN);
    expect(influence(Float64Array.of(1, NaN), 1, new Float64Array(2), 1)).toBe(null);
  });
});

describe('identifiability', () => {
  it('gives the direction that changes nothing, in the units of the columns', () => {
    const columns = Float64Array.from(x.flatMap((v) => [1, v, 1000 * (3 - 2 * v)]));
    const [only, ...others] = exactDependences(columns, 6, 3, 2 ** -40);
    expect(others).toEqual([]);
    const { direction } = only!;
    for (let i = 0; i < 6; i++) {
      let sum = 0;
      for (let j = 0; j < 3; j++) sum += columns[i * 3 + j]! * direction[j]!;
      expect(Math.abs(sum)).toBeLessThan(1e-10 * 1000);
    }
    expect(exactDependences(line, 6, 2, 2 ** -40)).toEqual([]);
  });

  it('gives singular values of unit columns', () => {
    // Two unit vectors with cosine c have singular values √(1 ± c).
    const c = line.reduce((s, v, k) => (k % 2 === 1 ? s + v : s), 0) / Math.sqrt(6) / Math.sqrt(x.reduce((s, v) => s + v * v, 0));
    const { values, weakest, change } = spectrum(line, 6, 2)!;
    expect(values[0]).toBeCloseTo(Math.sqrt(1 + c), 14);
    expect(values[1]).toBeCloseTo(Math.sqrt(1 - c), 14);
    expect(Math.abs(weakest[0]! + weakest[1]!)).toBeLessThan(1e-14);
    expect(change[0]! / change[1]!).toBeCloseTo(-Math.sqrt(x.reduce((s, v) => s + v * v, 0) / 6), 12);
    expect(spectrum(line, 1, 2)).toBe(null);
  });
});

describe('profile', () => {
  const base = { value: 2, step: 1, lower: -Infinity, upper: Infinity, target: 4 };

  it('ends where a parabola has risen so far, in few steps', () => {
    let calls = 0;
    const rise = (v: number): number => (calls++, 9 * (v - 2) ** 2);
    expect(profileEnd({ ...base, rise }, 1)).toBeCloseTo(2 + 2 / 3, 9);
    expect(profileEnd({ ...base, rise }, -1)).toBeCloseTo(2 - 2 / 3, 9);
    expect(calls).toBeLessThan(12);
  });

  it('finds ends that are far from the linear ones', () => {
    const rise = (v: number): number => Math.abs(v - 2) ** 0.3;
    expect(profileEnd({ ...base, rise }, 1) / (2 + 4 ** (1 / 0.3))).toBeCloseTo(1, 8);
    const steep = (v: number): number => Math.expm1(1e6 * (v - 2));
    expect(profileEnd({ ...base, rise: steep }, 1)).toBeCloseTo(2 + Math.log(5) / 1e6, 14);
  });

  it('ends at a bound, at infinity, or where the fit fails', () => {
    const flat = (v: number): number => 1 - Math.exp(-Math.abs(v - 2));
    expect(profileEnd({ ...base, rise: flat }, 1)).toBe(Infinity);
    expect(profileEnd({ ...base, rise: flat }, -1)).toBe(-Infinity);
    expect(profileEnd({ ...base, rise: flat, upper: 7 }, 1)).toBe(7);
    expect(profileEnd({ ...base, rise: flat, lower: 2 }, -1)).toBe(2);
    const edge = (v: number): number => (v < 3 ? 0.1 * (v - 2) : NaN);
    expect(profileEnd({ ...base, rise: edge }, 1)).toBeCloseTo(3, 6);
  });
});

describe('curve variance', () => {
  it('is the quadratic form, without parameters that have no variance', () => {
    const covariance = new DenseMatrix(3, 3, Float64Array.of(4, NaN, 1, NaN, NaN, NaN, 1, NaN, 9));
    expect([...curveVariance(Float64Array.of(1, 100, 2, 0, 5, 1), covariance)]).toEqual([4 + 4 + 36, 9]);
  });
});

describe('resampling', () => {
  const data = { columns: [Float64Array.from(x)], y: Float64Array.from(x, (v) => 3 * v), sigma: Float64Array.of(1, 2, 1, 2, 1, 2) };

  it('draws residuals in units of sigma, stretched, about their mean', () => {
    const fitted = data.y.map((v, i) => v - (i < 3 ? 2 : -2) * data.sigma[i]!);
    const rows = residualRows(50, fitted, data, 4, new Random(1));
    expect(rows).toHaveLength(300);
    const stretch = Math.sqrt(6 / 4);
    rows.forEach((v, at) => {
      const i = at % 6;
      expect(Math.abs(Math.abs(v - fitted[i]!) - 2 * stretch * data.sigma[i]!)).toBeLessThan(1e-12);
    });
  });

  it('draws whole points', () => {
    const rows = caseRows(20, data, new Random(1));
    rows.y.forEach((y, at) => {
      const i = x.indexOf(rows.columns[0]![at]!);
      expect([y, rows.sigma![at]]).toEqual([data.y[i], data.sigma[i]]);
    });
    expect(new Set(rows.y).size).toBe(6);
  });
});

describe('Akaike weights', () => {
  it('are those of hand calculation', () => {
    const [a, b, c] = akaikeWeights([10, 12, NaN]);
    expect(a! / b!).toBeCloseTo(Math.E, 12);
    expect(a! + b!).toBeCloseTo(1, 15);
    expect(c).toBe(0);
    expect(akaikeWeights([-Infinity, 3])).toEqual([1, 0]);
  });
});
