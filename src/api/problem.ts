// From checked options to something an engine can run: the model resolved, the engine chosen, and
// the user's function compared with the compiled one where the fit begins.

import type { CallbackModel, Engine, Floats } from '../engine/engine.ts';
import { portableEngine } from '../engine/portable.ts';
import { selectEngine } from '../engine/select.ts';
import type { Program } from '../model/program.ts';
import {
  callbackModel,
  caller,
  checkCallback,
  type ModelFault,
  type UserFunction,
} from './callback.ts';
import { inputError } from './errors.ts';
import { signatureOf, sourceOfModel } from './model.ts';
import { checkParamsUsed, functionSource, programOf, type ModelSource } from './model-source.ts';
import type { CommonSettings } from './options.ts';
import { readParams, type ParamSet } from './params.ts';
import { predictorNames } from './predictors.ts';
import type { Warning } from './result.ts';
import { describe } from './validate.ts';
import { engineFallback, modelNotCompiled, sigmaMissing, startsAtDefault } from './warnings.ts';

/** A model and its parameters. */
export interface ResolvedModel {
  readonly source: ModelSource;
  readonly params: ParamSet;
}

/** How the model runs. */
export interface Run {
  readonly engine: Engine;
  readonly program: Program | CallbackModel;
}

/** One fit: copies of its data, and all that is needed to evaluate the model. */
export interface Problem extends ResolvedModel, Run {
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  /** Standard deviation of every point. */
  readonly sigma: Float64Array | null;
  readonly init: Float64Array;
}

/** @param hasStarts whether starts come from elsewhere than `params` */
export function resolveModel(settings: CommonSettings, hasStarts: boolean): ResolvedModel {
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
  const params = readParams(settings.params, made?.paramNames ?? null, hasStarts);
  const source =
    made ?? functionSource(model as UserFunction, predictorNames(settings.x), params.names);
  if (source.parsed !== null) checkParamsUsed(source.parsed, params.names);
  return { source, params };
}

/**
 * Names and starts alone, for a run that is aborted before it begins: nothing is parsed or called.
 */
export function unresolvedModel(settings: CommonSettings, hasStarts: boolean): ResolvedModel {
  const { model } = settings;
  if (typeof model !== 'function') return resolveModel(settings, hasStarts);
  const params = readParams(settings.params, null, hasStarts);
  const predictors = predictorNames(settings.x);
  const source: ModelSource = {
    name: model.name,
    predictors: predictors ?? ['x'],
    named: predictors !== null,
    paramNames: params.names,
    fn: model as UserFunction,
    parsed: null,
  };
  return { source, params };
}

/** What can be said before the fit. */
export function earlyNotes(settings: CommonSettings, params: ParamSet): Warning[] {
  const notes: Warning[] = [];
  if (params.atDefault.length > 0) notes.push(startsAtDefault(params.atDefault));
  if (settings.sigmaIs === 'absolute' && settings.sigma === undefined) notes.push(sigmaMissing());
  return notes;
}

export interface Samples {
  /** One array per predictor. */
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  readonly init: Float64Array;
}

/** The first, middle and last of the first `points` points. */
export function samplesOf(
  columns: readonly Floats[],
  y: Floats,
  init: Float64Array,
  points: number,
): Samples {
  // Loops, since Float64Array.from with a function costs a microsecond each.
  const pick = (values: Floats): Float64Array => {
    const out = new Float64Array(3);
    out[0] = values[0];
    out[1] = values[Math.trunc((points - 1) / 2)];
    out[2] = values[points - 1];
    return out;
  };
  return { columns: columns.map(pick), y: pick(y), init };
}

/**
 * Chooses engine and program. The user's function is called at the samples: a compiled program that
 * disagrees there gives way to the function itself.
 * @param sample a few points of the (first) fit
 * @param isBatch faults of the function belong to single fits, which report them
 */
export function chooseRun(
  settings: CommonSettings,
  { source, params }: ResolvedModel,
  sample: () => Samples,
  onFault: (fault: ModelFault) => number,
  isBatch: boolean,
  notes: Warning[],
): Run {
  const engine = selectEngine(settings.engine);
  let reason = source.reason;
  if (source.parsed !== null) {
    const program = programOf(source.parsed, params.varying);
    reason = source.fn === null ? undefined : disagreement(source, program, engine, sample());
    if (reason === undefined) return { engine, program };
  }
  const signature = signatureOf(source);
  const samples = sample();
  const points = Array.from(samples.y, (_, i) =>
    Float64Array.from(samples.columns, (column) => column[i]),
  );
  checkCallback(signature, points, samples.init, isBatch);
  notes.push(modelNotCompiled(reason ?? 'unknown'));
  if (settings.engine === 'native') notes.push(engineFallback());
  return { engine: portableEngine, program: callbackModel(signature, params.varying, onFault) };
}

/**
 * Differences beyond this share of the values at hand are no rounding: √ε. Reordered sums and other
 * roundings of exp and its kin stay far below it, a misread formula far above.
 */
const agreement = 2 ** -26;

const magnitude = (v: number): number => (Number.isFinite(v) ? Math.abs(v) : 0);

function disagreement(
  source: ModelSource,
  program: Program,
  engine: Engine,
  samples: Samples,
): string | undefined {
  const { columns, y, init } = samples;
  let failed = false;
  const fail = (): number => {
    failed = true;
    return NaN;
  };
  const value = caller(signatureOf(source), fail);
  const compiled = new Float64Array(y.length);
  engine.evaluate(program, columns, y.length, init, compiled, null);
  const own = new Float64Array(y.length);
  const x = new Float64Array(columns.length);
  let scale = 0;
  for (let i = 0; i < y.length; i++) {
    for (let k = 0; k < x.length; k++) x[k] = columns[k][i];
    own[i] = value(x, init);
    scale = Math.max(scale, magnitude(own[i]), magnitude(compiled[i]), magnitude(y[i]));
  }
  if (failed) return 'it threw, or returned no number, where the fit starts';
  for (let i = 0; i < y.length; i++) {
    const a = own[i],
      b = compiled[i];
    if (!Number.isFinite(a) && !Number.isFinite(b)) continue;
    if (!(Math.abs(a - b) <= agreement * scale))
      return `its value where the fit starts, ${a}, is not that of the compiled expression, ${b}`;
  }
  return undefined;
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
      const h = centralStep * (p === 0 ? 1 : Math.abs(p));
      const moved = params.slice();
      moved[k] = p + h;
      const above = evaluateProblem(problem, columns, points, moved);
      moved[k] = p - h;
      const below = evaluateProblem(problem, columns, points, moved);
      const width = p + h - (p - h);
      for (let i = 0; i < points; i++) jacobian[i * n + j] = (above[i] - below[i]) / width;
    }
  }
  if (sigma !== null)
    for (let i = 0; i < points; i++) for (let j = 0; j < n; j++) jacobian[i * n + j] /= sigma[i];
  return jacobian;
}
