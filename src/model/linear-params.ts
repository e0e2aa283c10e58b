// Parameters in which a model is linear, all together: f = f₀ + Σ cₖ·gₖ with gₖ free of every c.

import { Builder } from './builder.ts';
import { differentiate } from './differentiate.ts';
import { reachable } from './graph.ts';
import type { ParsedModel } from './parsed-model.ts';
import { simplify } from './simplify.ts';

/** Ascending indices; where only one of several can be chosen (a·b), the first. */
export function linearParams(model: ParsedModel): number[] {
  const builder = new Builder();
  model.predictors.forEach((_, i) => builder.graph.predictor(i));
  model.params.forEach((_, i) => builder.graph.param(i));
  const value = simplify(builder, reachable([model.root])).get(model.root)!;
  const columns = differentiate(builder, value, model.params.map((_, i) => i));
  const depends = columns.map((column) =>
    new Set(reachable([column]).filter((node) => node.op === 'param').map((node) => node.value)));
  const chosen: number[] = [];
  for (let k = 0; k < columns.length; k++)
    if (!depends[k].has(k) && chosen.every((j) => !depends[k].has(j) && !depends[j].has(k)))
      chosen.push(k);
  return chosen;
}
