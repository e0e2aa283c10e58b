// From checked options to something an engine can run: the model with its parameters, and f and its
// derivatives at a point.

import type { CallbackModel, Engine } from '../engine/engine.ts';
import type { Program } from '../model/program.ts';
import type { UserFunction } from './callback.ts';
import { inputError } from './errors.ts';
import { sourceOfModel } from './model.ts';
import { checkParamsUsed, functionSource, type ModelSource } from './model-source.ts';
import type { CommonSettings } from './options.ts';
import { readByTies, readParams, withScale, type ParamSet, type StartSource } from './params.ts';
import { predictorNames } from './predictors.ts';
import type { Warning } from './result.ts';
import { tiedSource } from './tied-source.ts';
import { describe } from './validate.ts';
import { sigmaMissing } from './warnings.ts';

/** A model and its parameters. */
export interface ResolvedModel {
  /** The model with ties written into it, over all of `params.names`. */
  readonly source: ModelSource;
  /** The model as it was given. */
  readonly own: ModelSource;
  readonly params: ParamSet;
}

/** How the model runs. */
export interface Run {
  readonly engine: Engine;
  readonly program: Program | CallbackModel;
}

/** One fit: copies of its data, and all that is needed to evaluate the model. */
export interface Problem extends Run {
  readonly source: ModelSource;
  /** The model as it was given, where `source` has ties written into it. */
  readonly own?: ModelSource;
  readonly params: ParamSet;
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  /** Standard deviation of every point. */
  readonly sigma: Float64Array | null;
  readonly init: Float64Array;
}

export function resolveModel(settings: CommonSettings, starts: StartSource): ResolvedModel {
  const { model } = settings;
  const made = sourceOfModel(model);
  if (made === undefined && typeof model !== 'function') {
    const hint = typeof model === 'string' ? '; write expr(text) for a model given as text' : '';
    throw inputError(
      'ERR_TYPE',
      'model',
      'expected a function (x, p) => number, or what model(), modelOf() or expr() return, ' +
        `got ${describe(model)}${hint}`,
    );
  }
  const read = readParams(settings.params, made?.paramNames ?? null, starts, made?.hints);
  const params = withScale(read, settings.xScale);
  const own =
    made ?? functionSource(model as UserFunction, predictorNames(settings.x), params.names);
  const { ties } = params;
  if (own.parsed !== null) {
    const isExempt = ties.length === 0 ? undefined : readByTies(ties);
    checkParamsUsed(own.parsed, own.paramNames, isExempt);
  }
  const isSame = ties.length === 0 && params.names.length === own.paramNames.length;
  return { source: isSame ? own : tiedSource(own, params), own, params };
}

/**
 * Names and starts alone, for a run that is aborted before it begins: nothing is parsed or called.
 */
export function unresolvedModel(settings: CommonSettings, starts: StartSource): ResolvedModel {
  const { model } = settings;
  if (typeof model !== 'function') return resolveModel(settings, starts);
  const params = readParams(settings.params, null, starts);
  const predictors = predictorNames(settings.x);
  const source: ModelSource = {
    name: model.name,
    predictors: predictors ?? ['x'],
    named: predictors !== null,
    paramNames: params.names,
    fn: model as UserFunction,
    parsed: null,
  };
  return { source, own: source, params };
}

/** What can be said before the fit. */
export function earlyNotes({ sigmaIs, sigma, weights }: CommonSettings): Warning[] {
  const isMissing = sigmaIs === 'absolute' && sigma === undefined && weights === undefined;
  return isMissing ? [sigmaMissing()] : [];
}

/** Calls of a model outside of a fit: f at every point. */
export function evaluateProblem(
  problem: Problem,
  columns: readonly Float64Array[],
  points: number,
  params: Float64Array,
): Float64Array {
  const out = new Float64Array(points);
  const { program, engine } = problem;
  if (typeof program.value !== 'function') {
    engine.evaluate(program as Program, columns, points, params, out, null);
    return out;
  }
  const x = new Float64Array(columns.length);
  for (let i = 0; i < points; i++) {
    for (let k = 0; k < x.length; k++) x[k] = columns[k][i];
    out[i] = program.value(x, params);
  }
  return out;
}

/**
 * Central differences are exact to about ε^⅔ with a relative step of ε^⅓ (Nocedal & Wright 2006,
 * section 8.1).
 */
const centralStep = 2 ** -17;

/** Derivatives by the varying parameters over σ, points × columns, row-major. */
export function jacobianOf(problem: Problem, params: Float64Array): Float64Array {
  const { program, engine, columns, y, sigma } = problem;
  const { lower, upper, scale } = problem.params;
  const points = y.length,
    n = program.varying.length;
  const jacobian = new Float64Array(points * n);
  if (typeof program.value !== 'function') {
    engine.evaluate(
      program as Program,
      columns,
      points,
      params,
      new Float64Array(points),
      jacobian,
    );
  } else {
    for (let j = 0; j < n; j++) {
      const k = program.varying[j],
        p = params[k];
      const size = Math.max(Math.abs(p), scale?.[k] ?? 0);
      const h = centralStep * (size === 0 ? 1 : size);
      const low = Math.max(p - h, lower[k]),
        high = Math.min(p + h, upper[k]);
      const moved = params.slice();
      moved[k] = high;
      const above = evaluateProblem(problem, columns, points, moved);
      moved[k] = low;
      const below = evaluateProblem(problem, columns, points, moved);
      const width = high - low;
      for (let i = 0; i < points; i++) jacobian[i * n + j] = (above[i] - below[i]) / width;
    }
  }
  if (sigma !== null)
    for (let i = 0; i < points; i++) for (let j = 0; j < n; j++) jacobian[i * n + j] /= sigma[i];
  return jacobian;
}
