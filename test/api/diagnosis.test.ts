import { describe, expect, it } from 'vitest';
import { compareModels, curveFit, expr, type Diagnosis, type FitResult } from '../../src/index.ts';
import { Random } from '../../src/statistics/random.ts';

const random = new Random(4);
const x = Array.from({ length: 40 }, (_, i) => 0.2 + i / 5);
const errors = x.map(() => 0.1 * random.normal());
const y = x.map((v, i) => 5 * Math.exp(-0.7 * v) + 1 + errors[i]!);
const good = curveFit({ x, y, model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1, c: 0 } });
const codes = ({ findings }: Diagnosis): string[] => findings.map(({ code }) => code);

describe('a good fit', () => {
  it('has no findings', () => {
    const diagnosis = good.diagnose();
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.report()).toMatch(/^nothing found\n\nrank +3, condition number/);
    expect(diagnosis.rank).toBe(3);
    expect(diagnosis.conditionNumber).toBeGreaterThan(1);
    expect(diagnosis.leverage.reduce((s, h) => s + h, 0)).toBeCloseTo(3, 10);
    expect(good.warnings).toEqual([]);
    expect(good.diagnose()).toBe(diagnosis);
  });

  it('is seldom warned about', () => {
    let warned = 0;
    for (let k = 0; k < 300; k++) {
      const other = x.map((v) => 2 + 0.5 * v + random.normal());
      if (curveFit({ x, y: other, model: expr('a + b*x'), params: { a: 1, b: 1 } }).warnings.length > 0) warned++;
    }
    expect(warned).toBeLessThan(3);
  });
});

describe('parameters that cannot be told apart', () => {
  it.each<[string, Record<string, number>, string, string[]]>([
    ['a*b*exp(-k*x)', { a: 2, b: 3, k: 1 }, 'a·b', ['a', 'b']],
    ['a/b*exp(-k*x)', { a: 2, b: 3, k: 1 }, 'a/b', ['a', 'b']],
    ['a*b^2*exp(-k*x)', { a: 2, b: 1.5, k: 1 }, 'a·b²', ['a', 'b']],
    ['a*b*exp(-k*x)/d', { a: 2, b: 3, k: 1, d: 1.2 }, 'a·b/d', ['a', 'b', 'd']],
    ['(a + b)*exp(-k*x)', { a: 2, b: 3, k: 1 }, 'a + b', ['a', 'b']],
    ['exp(a - b - k*x)', { a: 1, b: 0.3, k: 1 }, 'a − b', ['a', 'b']],
    ['a*exp(-k*(x - t))', { a: 2, k: 1, t: 0.5 }, '', ['a', 'k', 't']],
  ])('%s', (model, params, relation, names) => {
    const fit = curveFit({ x, y: y.map((v) => v - 1), model: expr(model), params });
    const diagnosis = fit.diagnose();
    const [finding] = diagnosis.findings.filter(({ code }) => code === 'cannot-tell-apart');
    expect(diagnosis.conditionNumber).toBe(Infinity);
    expect(diagnosis.rank).toBe(2);
    const warning = fit.warnings.find(({ code }) => code === 'rank-deficient')!;
    if (relation === '') {
      // a·exp(k·t) is no product or sum: the direction is all that can be said.
      expect(finding!.message).toMatch(/a and t apart: changing them in the proportion a : t = 1 : /);
      const [{ direction, params: who }] = diagnosis.combinations as [Diagnosis['combinations'][0]];
      expect(who).toEqual(['a', 't']);
      expect(direction[1]! * fit.values['a']! * fit.values['k']!).toBeCloseTo(-1, 5);
    } else {
      expect(finding!.params).toEqual(names);
      expect(finding!.message).toContain(` enter the model as ${relation} alone`);
      expect(diagnosis.combinations.every((known) => known.relation === relation)).toBe(true);
      expect(warning.message).toContain(`only ${relation} can be had`);
    }
    expect(warning.params!.length).toBeGreaterThan(1);
  });

  it('are not moved beyond their bounds when that is looked into', () => {
    const seen: number[] = [];
    const fit = curveFit({
      x, y, model: (t, p) => (seen.push(p.a), p.a * p.b * Math.exp(-t)), params: { a: { value: 2, min: 1.9, max: 2.1 }, b: 2 },
    });
    expect(codes(fit.diagnose())).toContain('cannot-tell-apart');
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1.9);
    expect(Math.max(...seen)).toBeLessThanOrEqual(2.1);
  });

  it('or hardly so, with the change that hardly shows', () => {
    const diagnosis = curveFit({ x: x.map((v) => 2000 + v), y, model: expr('a + b*x + c*x^2'), params: { a: 1, b: 0, c: 0 } }).diagnose();
    const near = diagnosis.findings.find(({ code }) => code === 'nearly-dependent')!;
    expect(near.params).toEqual(['a', 'b', 'c']);
    expect(near.message).toMatch(/condition number \d/);
    expect(diagnosis.findings.find(({ code }) => code === 'badly-scaled')!.message).toMatch(/subtract 2004 from it/);
  });
});

describe('other findings', () => {
  it.each<[string, () => FitResult<string>, string]>([
    ['no influence', (): FitResult<string> => curveFit({ x, y, model: expr('a*exp(-k*x) + (x < 0 ? c : 1)'), params: { a: 4, k: 1, c: 2 } }), 'no-influence'],
    ['a parameter that did not move', (): FitResult<string> => curveFit({ x, y, model: expr('a*exp(-k*x) + (x < 0 ? c : 1)'), params: { a: 4, k: 1, c: 2 } }), 'param-did-not-move'],
    ['a bound', (): FitResult<string> => curveFit({ x, y, model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1, c: { value: 2, min: 1.5 } } }), 'param-at-bound'],
    ['a part of the curve that is missed', (): FitResult<string> => curveFit({ x, y, model: expr('a + b*x') }), 'residuals-correlated'],
    ['steps that ran out', (): FitResult<string> => curveFit({ x, y, model: expr('a*exp(-k*x) + c'), params: { a: 400, k: 9 }, maxIter: 2 }), 'not-converged'],
    ['an outlier', (): FitResult<string> => curveFit({ x, y: y.map((v, i) => (i === 20 ? v + 2 : v)), model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1 } }), 'outliers'],
    ['a point that stands alone', (): FitResult<string> => curveFit({ x: [...x, 500], y: [...y, 3], model: expr('a*exp(-k*x) + c + d*x'), params: { a: 4, k: 1, c: 1, d: 0.1 } }), 'influential-points'],
    ['sigma too small', (): FitResult<string> => curveFit({ x, y, sigma: 0.03, sigmaIs: 'absolute', model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1 } }), 'sigma-too-small'],
    ['sigma too large', (): FitResult<string> => curveFit({ x, y, sigma: 0.4, sigmaIs: 'absolute', model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1 } }), 'sigma-too-large'],
    ['a term that is not needed', (): FitResult<string> => curveFit({ x, y: x.map((v, i) => 2 * v + [0.1, -0.1, -0.1, 0.1][i % 4]!), model: expr('a + b*x') }), 'param-not-significant'],
    ['residuals that are not normal', (): FitResult<string> => curveFit({ x, y: x.map((v, i) => 2 * v + (i % 7 === 3 ? 3 : 0.1 * (i % 2))), model: expr('a + b*x') }), 'residuals-not-normal'],
  ])('%s', (_, make, code) => {
    const diagnosis = make().diagnose();
    expect(codes(diagnosis)).toContain(code);
    expect(diagnosis.report()).toContain(`${code}: `);
  });

  it('are of residuals in the order of x', () => {
    const order = x.map((_, i) => (i * 7) % x.length);
    const mixed = curveFit({ x: order.map((i) => x[i]!), y: order.map((i) => y[i]!), model: expr('a + b*x'), params: { a: 1, b: 1 } });
    const sorted = curveFit({ x, y, model: expr('a + b*x'), params: { a: 1, b: 1 } });
    expect(mixed.diagnose().residuals.runs).toEqual(sorted.diagnose().residuals.runs);
    expect(mixed.warnings.map(({ code }) => code)).toEqual(['residuals-correlated']);
  });

  it('are none of rounding errors', () => {
    const exact = curveFit({ x, y: x.map((v) => 3 + Math.exp(-v)), model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1.3, c: 1 } });
    expect(exact.warnings).toEqual([]);
  });

  it('do not need as many points as parameters', () => {
    const diagnosis = curveFit({ x: [0, 1], y: [1, 2], model: expr('a*exp(-k*x) + c'), params: { a: 1, k: 1 } }).diagnose();
    expect(diagnosis.conditionNumber).toBe(Infinity);
    expect(diagnosis.residuals.normality).toBe(null);
    expect(diagnosis.report()).toContain('rank');
  });
});

describe('comparison', () => {
  const line = curveFit({ x, y, model: expr('c + b*x') });
  const parabola = curveFit({ x, y, model: expr('c + b*x + d*x^2') });

  it('ranks by the criterion', () => {
    const { best, akaikeWeights, rows, criterion, table } = compareModels({ line, parabola, decay: good });
    expect([best, criterion]).toEqual(['decay', 'aicc']);
    expect(rows.map(({ name }) => name)).toEqual(['decay', 'parabola', 'line']);
    expect(akaikeWeights['decay']! + akaikeWeights['parabola']! + akaikeWeights['line']!).toBeCloseTo(1, 14);
    const delta = parabola.stats.aicc - good.stats.aicc;
    expect(rows[1]!.delta).toBeCloseTo(delta, 10);
    expect(akaikeWeights['parabola']! / akaikeWeights['decay']! / Math.exp(-delta / 2)).toBeCloseTo(1, 9);
    expect(table.split('\n')[1]).toMatch(/^decay +3 /);
  });

  it('tests nested models by F, which for one more parameter is t²', () => {
    const { nested } = compareModels({ parabola, line });
    expect(nested.map(({ smaller, larger }) => [smaller, larger])).toEqual([['line', 'parabola']]);
    const { tValue, pValue } = parabola.params['d']!;
    expect(nested[0]!.fValue / tValue! ** 2).toBeCloseTo(1, 8);
    expect(nested[0]!.pValue / pValue!).toBeCloseTo(1, 6);
  });

  it('is of the same data and the same estimator only', () => {
    const other = curveFit({ x, y: y.map((v) => v + 1), model: expr('c + b*x') });
    const fewer = curveFit({ x: x.slice(1), y: y.slice(1), model: expr('c + b*x') });
    const robust = curveFit({ x, y, model: expr('c + b*x'), loss: 'huber', lossScale: 0.1 });
    expect(() => compareModels({ line, other })).toThrow(/fits\.other: is a fit of other data than fits\.line/);
    expect(() => compareModels({ line, fewer })).toThrow(/other data/);
    expect(() => compareModels({ line, robust })).toThrow(/no likelihood/);
    expect(() => compareModels({})).toThrow(/at least one fit/);
    expect(() => compareModels([] as never)).toThrow(/object of fits/);
    expect(() => compareModels({ line: 5 as never })).toThrow(/fits\.line: expected the result of a fit, got 5/);
  });
});

describe('Markdown', () => {
  it('has the tables of the report', () => {
    const text = good.toMarkdown({ digits: 4 });
    const [head, rule, first] = text.split('\n');
    expect(head).toBe('| parameter | value | std. error |  | start |');
    expect(rule).toBe('| --- | ---: | ---: | ---: | ---: |');
    expect(first).toMatch(/^\| a \| [\d.]+ \| ± [\d.]+ \| [\d.]+ % \| 4 \|$/);
    expect(text).toContain('| points | 40, degrees of freedom 37 |');
    expect(curveFit({ x, y, model: expr('x > 1 || x < 0 ? a : b') }).toMarkdown()).toContain(String.raw`x > 1 \|\| x < 0 ? a : b`);
  });
});
