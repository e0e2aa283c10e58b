import { describe, expect, it } from 'vitest';
import { normalityTest } from '../../src/statistics/normality.ts';
import { Random } from '../../src/statistics/random.ts';
import { autocorrelation, durbinWatson, runsTest } from '../../src/statistics/residual-tests.ts';

/** Every order of a plus and b minus signs. */
function* orders(a: number, b: number): Generator<number[]> {
  if (a === 0 && b === 0) yield [];
  if (a > 0) for (const rest of orders(a - 1, b)) yield [1, ...rest];
  if (b > 0) for (const rest of orders(a, b - 1)) yield [-1, ...rest];
}

describe('runs', () => {
  it('counts stretches of one sign and leaves out zeros', () => {
    const { runs, positive, negative, expected } = runsTest([1, 2, 0, 3, -1, -1, 0, 4, -2]);
    expect([runs, positive, negative]).toEqual([4, 4, 3]);
    expect(expected).toBeCloseTo(1 + 24 / 7, 14);
  });

  it.each([[3, 3], [5, 4], [2, 7], [6, 6], [1, 4]])('has the distribution of all orders of %d and %d signs', (a, b) => {
    const counts = [...orders(a, b)].map((order) => runsTest(order).runs);
    for (const order of orders(a, b)) {
      const { runs, pFew, pTwoSided } = runsTest(order);
      const few = counts.filter((r) => r <= runs).length / counts.length;
      const many = counts.filter((r) => r >= runs).length / counts.length;
      expect(Math.abs(pFew - few)).toBeLessThan(1e-12);
      expect(Math.abs(pTwoSided - Math.min(1, 2 * Math.min(few, many)))).toBeLessThan(1e-12);
    }
  });

  it('goes over into the normal approximation', () => {
    const random = new Random(5);
    const signs = Array.from({ length: 401 }, () => (random.uniform() < 0.5 ? -1 : 1));
    const exact = runsTest(signs.slice(0, 400)), normal = runsTest(signs);
    expect(exact.pFew).toBeGreaterThan(0.01);
    expect(Math.abs(exact.pFew - normal.pFew)).toBeLessThan(0.05);
    expect(runsTest(Array.from({ length: 1000 }, (_, i) => (i < 500 ? 1 : -1))).pFew).toBeLessThan(1e-100);
  });

  it('says nothing of residuals of one sign, or none', () => {
    expect(runsTest([1, 2, 3]).pFew).toBe(NaN);
    expect(runsTest([0, 0]).pTwoSided).toBe(NaN);
    expect(runsTest([]).runs).toBe(0);
  });
});

describe('autocorrelation', () => {
  it('is that of hand calculation', () => {
    const r = [1, 2, -1, -2];
    expect(durbinWatson(r)).toBeCloseTo((1 + 9 + 1) / 10, 15);
    expect(autocorrelation(r)).toBeCloseTo((2 - 2 + 2) / 10, 15);
  });
});

describe('normality', () => {
  // W and p of scipy.stats.shapiro 1.17, which works with rounded normal quantiles.
  it.each([
    [[-0.4533750276432595, 0.14950916005582204, 0.27800369615239223], 0.8770101843076944, 0.31566408688314795],
    [[2.590773782287302, 0.9057286053438797, 0.8737104564093385, 0.7187679664330265], 0.7138419060063346, 0.016634215664628194],
    [[-1.527695405931017, 0.8185778993691244, 0.24924940838178394, 1.8719735147619339, -0.06993229073482413], 0.9848364012176349, 0.9587063740599537],
    [[1.8405361356057333, 0.9520999017956294, 0.03452553994741039, 1.2665215441993092, 2.6601303413568345, 0.011752892621080068], 0.9363508637128782, 0.6299565412891666],
    [[0.3613369948833081, 0.30779092692814697, 0.43722908835552543, 0.09721968657889524, -0.9971647547939007, 0.8945881121625797, 1.3070766180498095, -0.4807057487924344, 1.4213504065620832, -1.1519133379420172, -1.350587222594474], 0.9359988889841802, 0.47466198845824525],
    [[0.0398062297191546, 0.9639248266848577, 0.7200811938585191, 1.3649858255978904, 3.7791225688615646, 0.6785670174786003, 0.7578279794346157, 2.668384623546167, 0.4423667420905735, 0.021349299954370005, 0.6936647222265526, 0.07123163862183589], 0.7886050688409483, 0.006972601851998607],
  ])('has the W and significance of %j', (values, w, p) => {
    const { method, statistic, pValue } = normalityTest(values)!;
    expect(method).toBe('shapiro-wilk');
    expect(Math.abs(statistic - w)).toBeLessThan(1e-8);
    expect(Math.abs(pValue / p - 1)).toBeLessThan(1e-7);
    const moved = normalityTest(values.map((v) => 1e9 - 2 ** 40 * v))!;
    expect(Math.abs(moved.statistic - statistic)).toBeLessThan(1e-9);
  });

  it.each([20, 200, 6000])('rejects about one normal sample of %d in twenty at 5 %%, and others always', (n) => {
    const random = new Random(n);
    const samples = 200;
    let rejected = 0;
    for (let k = 0; k < samples; k++) {
      const { pValue } = normalityTest(Array.from({ length: n }, () => random.normal()))!;
      if (pValue < 0.05) rejected++;
    }
    // Four standard deviations of a binomial count about 10.
    expect(Math.abs(rejected - 10)).toBeLessThan(13);
    if (n < 200) return;
    const skew = normalityTest(Array.from({ length: n }, () => random.normal() ** 2))!;
    expect(skew.pValue).toBeLessThan(1e-6);
    expect(skew.method).toBe(n > 5000 ? 'anderson-darling' : 'shapiro-wilk');
  });

  it('says nothing of too few, equal or infinite numbers', () => {
    for (const values of [[1, 2], [3, 3, 3, 3], [1, 2, NaN], [1, 2, Infinity]]) expect(normalityTest(values)).toBe(null);
  });
});
