// A model that could not be compiled, called point by point. Derivatives are differences whose steps
// are exactly representable (Nocedal & Wright 2006, section 8.1): forward with √ε·|p|, or central with
// ε^⅓·|p|. No step leaves the bounds: one forward becomes one backward, a central quotient the
// three-point one to the side that has room.

import type { CallbackModel } from '../../engine/engine.ts';
import { PairwiseSum, blockPoints } from '../linalg/pairwise-sum.ts';
import type { DataColumns, Evaluator, Observations } from './evaluator.ts';

/** √ε and about ε^⅓ for ε = 2⁻⁵² */
const forwardStep = 2 ** -26;
const centralStep = 2 ** -17;

/** How one derivative is taken: from f(p), f at `first` and, in a central one, f at `second`. */
interface Quotient {
  first: number;
  second: number;
  /** first − p */
  step: number;
  /** Weights of the three values in a central quotient. */
  own: number;
  one: number;
  two: number;
}

const limit = (p: number, lower: number, upper: number): number => Math.min(Math.max(p, lower), upper);

function chooseForward(q: Quotient, p: number, h: number, lower: number, upper: number): void {
  const ahead = limit(p + h, lower, upper), back = limit(p - h, lower, upper);
  // The whole step ahead or back, else the longer one.
  q.first = p + h <= upper || ahead - p >= p - back ? ahead : back;
  q.step = q.first - p;
}

function chooseCentral(q: Quotient, p: number, h: number, lower: number, upper: number): void {
  if (p - h >= lower && p + h <= upper) {
    q.first = p + h;
    q.second = p - h;
  } else {
    const ahead = limit(p + 2 * h, lower, upper), back = limit(p - 2 * h, lower, upper);
    q.second = ahead - p >= p - back ? ahead : back;
    q.first = p + (q.second - p) / 2;
  }
  // The derivative at p of the parabola through the three points.
  const a = q.first - p, b = q.second - p;
  q.own = -(a + b) / (a * b);
  q.one = b / (a * (b - a));
  q.two = -(a / (b * (b - a)));
}

export function callbackEvaluator(model: CallbackModel, predictors: number): Evaluator {
  const n = model.varying.length;
  const x = new Float64Array(predictors);
  const point = new Float64Array(model.params);
  const { scheme, lower, upper, scale } = model;
  const isCentral = scheme === '3-point';
  const quotients = Array.from(model.varying, (): Quotient => ({ first: 0, second: 0, step: 0, own: 0, one: 0, two: 0 }));
  const row = new Float64Array(n + 1), left = new Float64Array(n + 1);
  const triangle = ((n + 1) * (n + 2)) / 2;
  let pairwise = new PairwiseSum(triangle);

  const begin = (params: Float64Array): void => {
    point.set(params);
    for (let j = 0; j < n; j++) {
      const k = model.varying[j]!, p = params[k]!;
      const size = Math.max(Math.abs(p), scale === undefined ? 0 : scale[k]!);
      const h = (isCentral ? centralStep : forwardStep) * (size === 0 ? 1 : size);
      const low = lower === undefined ? -Infinity : lower[k]!, high = upper === undefined ? Infinity : upper[k]!;
      if (isCentral) chooseCentral(quotients[j]!, p, h, low, high);
      else chooseForward(quotients[j]!, p, h, low, high);
    }
  };
  const read = (data: DataColumns, i: number): void => {
    for (let k = 0; k < predictors; k++) x[k] = data.columns[k]![data.offsets[k]! + i]!;
  };
  const differences = (value: number, out: Float64Array, at: number): void => {
    for (let j = 0; j < n; j++) {
      const k = model.varying[j]!, p = point[k]!;
      const q = quotients[j]!;
      point[k] = q.first;
      const first = model.value(x, point);
      if (!isCentral) out[at + j] = (first - value) / q.step;
      else {
        point[k] = q.second;
        out[at + j] = q.own * value + (q.one * first + q.two * model.value(x, point));
      }
      point[k] = p;
    }
  };

  return {
    prepare(): void {},
    accumulate(params: Float64Array, data: DataColumns, observed: Observations, points: number, sums: Float64Array): void {
      const { y, yOffset, weights, weightOffset, loss } = observed;
      begin(params);
      if (pairwise.width !== sums.length) pairwise = new PairwiseSum(sums.length);
      pairwise.clear();
      const block = pairwise.block;
      for (let from = 0; from < points; from += blockPoints) {
        const to = Math.min(from + blockPoints, points);
        block.fill(0);
        for (let i = from; i < to; i++) {
          read(data, i);
          const w = weights === null ? 1 : weights[weightOffset + i]!;
          const value = model.value(x, point);
          differences(value, row, 0);
          const r = (y[yOffset + i]! - value) * w;
          for (let j = 0; j < n; j++) left[j] = row[j] = row[j]! * w;
          left[n] = row[n] = r;
          if (loss !== null) {
            loss.apply(r, y[yOffset + i]!, value);
            for (let j = 0; j < n; j++) left[j] = row[j]! * loss.square;
            left[n] = loss.influence;
            block[triangle] = block[triangle]! + loss.influence * loss.influence;
            block[triangle + 1] = block[triangle + 1]! + loss.square;
            block[triangle + 2] = block[triangle + 2]! + r * r;
          }
          for (let a = 0, k = 0; a <= n; a++)
            for (let b = 0; b <= a; b++, k++)
              block[k] = block[k]! + (loss !== null && k === triangle - 1 ? loss.cost : left[a]! * row[b]!);
        }
        pairwise.push();
      }
      pairwise.totalInto(sums);
    },
    evaluate(params: Float64Array, data: DataColumns, points: number, value: Float64Array, jacobian: Float64Array | null): void {
      begin(params);
      for (let i = 0; i < points; i++) {
        read(data, i);
        value[i] = model.value(x, point);
        if (jacobian !== null) differences(value[i]!, jacobian, i * n);
      }
    },
  };
}
