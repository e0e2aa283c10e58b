// From a model to its program: normal form, derivatives, schedule.

import { Builder } from './builder.ts';
import { differentiate } from './differentiate.ts';
import { reachable } from './graph.ts';
import type { ParsedModel } from './parsed-model.ts';
import { programLimits } from './program.ts';
import type { Program } from './program.ts';
import { schedule } from './schedule.ts';
import { simplify } from './simplify.ts';

const programs = new WeakMap<ParsedModel, Map<string, Program>>();

/**
 * The program of the model's value and of its derivatives by the parameters `varying`.
 * @param varying indices into `model.params`, ascending
 * @throws {RangeError} when the model needs more than `programLimits` allow
 */
export function compileProgram(model: ParsedModel, varying: readonly number[]): Program {
  let known = programs.get(model);
  if (known === undefined) programs.set(model, known = new Map());
  const key = varying.join();
  let program = known.get(key);
  if (program === undefined) known.set(key, program = compile(model, varying));
  return program;
}

function compile(model: ParsedModel, varying: readonly number[]): Program {
  if (varying.length > programLimits.columns)
    throw new RangeError(`the model needs ${varying.length} varying parameters, the limit is ${
      programLimits.columns}`);
  const builder = new Builder();
  // Predictors and parameters get the lowest numbers, so that signs and orders come out the same.
  model.predictors.forEach((_, i) => builder.graph.predictor(i));
  model.params.forEach((_, i) => builder.graph.param(i));
  const value = simplify(builder, reachable([model.root])).get(model.root)!;
  const columns = differentiate(builder, value, varying);
  return schedule({
    predictors: model.predictors.length, params: model.params.length, value, varying, columns,
  });
}
