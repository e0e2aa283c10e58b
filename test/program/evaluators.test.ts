// Generated code and the interpreter do the same arithmetic: where code may not be generated (a
// content security policy) the results are the same bits.
import { describe, expect, it } from 'vitest';
import { compileProgram, parseText } from '../../src/model/compile.ts';
import type { Program } from '../../src/model/program.ts';
import { callbackEvaluator } from '../../src/portable/program/callback.ts';
import { dataColumns } from '../../src/portable/program/evaluate.ts';
import { losses, pointLoss } from '../../src/portable/optim/losses.ts';
import { widthOf } from '../../src/portable/optim/least-squares-solver.ts';
import type { Evaluator, Observations, PointLoss } from '../../src/portable/program/evaluator.ts';
import { generateEvaluator } from '../../src/portable/program/generate.ts';
import { interpretingEvaluator } from '../../src/portable/program/interpret.ts';
import { doubles, firstDifference } from '../parity/bits.ts';

const texts = [
  'a*exp(-b*x)+c',
  'a/(1+((x-b)/c)^2) + d',
  'x > a ? b*log(x) : c*sqrt(abs(x))',
  'a*sin(b*x+c) + floor(x)*d + min(x, a) - max(b, x) + (x % 3)',
  'a*erf(x/b) + tanh(c*x) + atan2(x, d) + hypot(x, a)',
  'a',
  'a + b*x',
  'pow(abs(x) + 1, a) * cbrt(b) + round(c) + trunc(x) + ceil(x) + sign(x)',
  // more sums than are kept in local variables
  Array.from({ length: 16 }, (_, k) => `a${k}*cos(${k}*x)`).join('+'),
];

function program(text: string): Program {
  const parse = parseText(text);
  if (!parse.ok) throw new Error(parse.reason);
  return compileProgram(parse.model, parse.model.params.map((_, k) => k));
}

function run(evaluator: Evaluator, target: Program, points: number, weighted: boolean, loss: PointLoss | null = null) {
  const x = Float64Array.from({ length: points }, (_, i) => (i * 7.3) % 11 - 3);
  const params = Float64Array.from({ length: target.params }, (_, k) => 0.7 + 0.3 * k);
  const data = dataColumns(target, [x], points);
  evaluator.prepare(data, points);
  const observed: Observations = {
    y: Float64Array.from({ length: points + 2 }, (_, i) => Math.sqrt(i)), yOffset: 2,
    weights: weighted ? Float64Array.from({ length: points }, (_, i) => 1 / (1 + (i % 5))) : null, weightOffset: 0,
    loss,
  };
  const n = target.varying.length;
  const sums = new Float64Array(widthOf(n, loss !== null));
  evaluator.accumulate(params, data, observed, points, sums);
  const value = new Float64Array(points), jacobian = new Float64Array(points * n);
  evaluator.evaluate(params, data, points, value, jacobian);
  return { sums, value, jacobian, observed, x, params };
}

describe.each(texts)('%s', (text) => {
  const target = program(text);
  it.each([1, 5, 128, 129, 300])('generated and interpreted, %i points', (points) => {
    for (const weighted of [false, true]) {
      const generated = run(generateEvaluator(target), target, points, weighted);
      const interpreted = run(interpretingEvaluator(target), target, points, weighted);
      for (const column of ['sums', 'value', 'jacobian'] as const)
        expect(firstDifference(generated[column], interpreted[column]), column).toBeNull();
    }
  });

  it.each(losses)('generated and interpreted, loss %s', (loss) => {
    for (const weighted of [false, true]) {
      const [generated, interpreted] = [generateEvaluator, interpretingEvaluator].map(
        (make) => run(make(target), target, 300, weighted, pointLoss(loss)).sums);
      expect(firstDifference(generated!, interpreted!)).toBeNull();
    }
  });

  it('sums are those of the residuals and the Jacobian', () => {
    const { sums, value, jacobian, observed } = run(generateEvaluator(target), target, 300, true);
    const n = target.varying.length;
    const rows = Array.from(value, (v, i) => {
      const w = observed.weights![i]!;
      return [...jacobian.subarray(i * n, (i + 1) * n)].map((d) => d * w).concat((observed.y[observed.yOffset + i]! - v) * w);
    });
    for (let a = 0, k = 0; a <= n; a++)
      for (let b = 0; b <= a; b++, k++) {
        const expected = rows.reduce((s, row) => s + row[a]! * row[b]!, 0);
        const size = rows.reduce((s, row) => s + Math.abs(row[a]! * row[b]!), 0);
        expect(Math.abs(sums[k]! - expected)).toBeLessThanOrEqual(1e-13 * size);
      }
  });

  it('values that are not finite are the same', () => {
    const awkward = doubles(200, 5);
    const params = Float64Array.from({ length: target.params }, (_, k) => awkward[k]!);
    const [first, second] = [generateEvaluator(target), interpretingEvaluator(target)].map((evaluator) => {
      const data = dataColumns(target, [awkward], 200);
      evaluator.prepare(data, 200);
      const value = new Float64Array(200);
      evaluator.evaluate(params, data, 200, value, null);
      return value;
    });
    expect(firstDifference(first!, second!)).toBeNull();
  });
});

describe('a callback model', () => {
  const target = program('a*exp(-b*x)+c');
  const callback = {
    params: 3, varying: Int32Array.of(0, 1, 2),
    value: (x: Float64Array, p: Float64Array) => p[0]! * Math.exp(-p[1]! * x[0]!) + p[2]!,
  };
  it('has the derivatives of the compiled one to half the digits', () => {
    const exact = run(generateEvaluator(target), target, 150, false);
    const value = new Float64Array(150), jacobian = new Float64Array(450);
    callbackEvaluator(callback, 1).evaluate(exact.params, { columns: [exact.x], offsets: [0] }, 150, value, jacobian);
    jacobian.forEach((d, i) => expect(Math.abs(d - exact.jacobian[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(exact.jacobian[i]!))));
  });
  it('never changes the parameters that it is given, and leaves fixed ones alone', () => {
    const seen = new Set<number>();
    const fixed = { ...callback, varying: Int32Array.of(0, 2), value: (x: Float64Array, p: Float64Array) => (seen.add(p[1]!), callback.value(x, p)) };
    const params = Float64Array.of(2, 0.5, 1);
    callbackEvaluator(fixed, 1).evaluate(params, { columns: [Float64Array.of(1, 2)], offsets: [0] }, 2, new Float64Array(2), new Float64Array(4));
    expect([...params]).toEqual([2, 0.5, 1]);
    expect([...seen]).toEqual([0.5]);
  });
});
