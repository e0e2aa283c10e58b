// A model that could not be compiled, called point by point. Derivatives are forward differences
// with a step of √ε·|p|, made exactly representable (Nocedal & Wright 2006, section 8.1).

import type { CallbackModel } from '../../engine/engine.ts';
import { PairwiseSum, blockPoints } from '../linalg/pairwise-sum.ts';
import type { DataColumns, Evaluator, Observations } from './evaluator.ts';

/** √(2⁻⁵²) */
const relativeStep = 2 ** -26;

export function callbackEvaluator(model: CallbackModel, predictors: number): Evaluator {
  const n = model.varying.length;
  const x = new Float64Array(predictors);
  const point = new Float64Array(model.params);
  const steps = new Float64Array(n);
  const row = new Float64Array(n + 1);
  const pairwise = new PairwiseSum(((n + 1) * (n + 2)) / 2);

  const begin = (params: Float64Array): void => {
    point.set(params);
    for (let j = 0; j < n; j++) {
      const p = params[model.varying[j]!]!;
      const h = relativeStep * (p === 0 ? 1 : Math.abs(p));
      steps[j] = p + h - p;
    }
  };
  const read = (data: DataColumns, i: number): void => {
    for (let k = 0; k < predictors; k++) x[k] = data.columns[k]![data.offsets[k]! + i]!;
  };
  const differences = (value: number, out: Float64Array, at: number): void => {
    for (let j = 0; j < n; j++) {
      const k = model.varying[j]!, p = point[k]!;
      point[k] = p + steps[j]!;
      out[at + j] = (model.value(x, point) - value) / steps[j]!;
      point[k] = p;
    }
  };

  return {
    prepare(): void {},
    accumulate(params: Float64Array, data: DataColumns, observed: Observations, points: number, sums: Float64Array): void {
      const { y, yOffset, weights, weightOffset } = observed;
      begin(params);
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
          for (let j = 0; j < n; j++) row[j] = row[j]! * w;
          row[n] = (y[yOffset + i]! - value) * w;
          for (let a = 0, k = 0; a <= n; a++)
            for (let b = 0; b <= a; b++, k++) block[k] = block[k]! + row[a]! * row[b]!;
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
