// A fit from the plain data that its `toJSON()` gave. The model is made again from its text, and
// the problem from data and options, so that everything the result can do works as before.

import { prepare } from './curve-fit.ts';
import { selectEngine } from '../engine/select.ts';
import { inputError } from './errors.ts';
import { CurveFitResult, type FitDetails, type FitRecord } from './fit-result.ts';
import { fitFormat, jsonVersion, keptOptions } from './fit-json.ts';
import {
  readDouble,
  readDoubles,
  readJson,
  readObject,
  readStatus,
  readText,
  wrongMember,
  type Json,
} from './json-reader.ts';
import { modelOfSource } from './model.ts';
import { readSource } from './model-json.ts';
import type { ModelSource } from './model-source.ts';
import { checkSettings, fitTable, readOptions, type FitSettings } from './options.ts';
import type { ParamSet } from './params.ts';
import type { Problem } from './problem.ts';
import { traitsOf } from './record.ts';
import type { FitResult, Warning } from './result.ts';
import type { StartsSummary } from './starts.ts';
import type { Trace } from './trace.ts';

/**
 * A result from what its `toJSON()` gave, or from the text of that: prediction, intervals, bands,
 * bootstrap and diagnosis work again.
 *
 * @param json plain data or text
 * @throws InputError ERR_TYPE where it is not of that form
 * @remarks A model that ran as a callback has no text: of such a fit there are the numbers, and
 *   what needs the model throws InputError ERR_MODEL.
 * @example
 * const fit = curveFit({
 *   x: [0, 1, 2, 3], y: [5.1, 2.9, 1.9, 1.0], model: expr('a*exp(-k*x)'), params: { a: 5, k: 0.5 },
 * });
 * const same = fitResultFromJSON(JSON.stringify(fit));
 * same.predict([4]); // as fit.predict([4])
 */
export function fitResultFromJSON(json: unknown): FitResult<string> {
  const fit = readJson(json, fitFormat, jsonVersion, 'a fit');
  const params = readObject(fit['params'], 'json.params');
  const names = Object.keys(params);
  const data = readObject(fit['data'], 'json.data');
  const x = readObject(data['x'], 'json.data.x');
  const y = readDoubles(data['y'], 'json.data.y', -1);
  const columns = Object.keys(x).map((name) =>
    readDoubles(x[name], `json.data.x.${name}`, y.length),
  );
  const sigma =
    data['sigma'] === null ? null : readDoubles(data['sigma'], 'json.data.sigma', y.length);
  const settings = readSettings(fit, params, columns, y, sigma);
  const problem =
    settings.model === undefined
      ? modelless(fit, params, columns, y, sigma)
      : prepare(settings).problem;
  for (const name of names)
    if (!problem.params.names.includes(name))
      throw wrongMember('json.params', `${problem.params.names.join(', ')}`, name);
  const lossScale =
    fit['lossScale'] === null ? null : readDouble(fit['lossScale'], 'json.lossScale');
  const traits = traitsOf(problem, settings, lossScale);
  const { refits, ...others } = traits;
  const stats = readObject(fit['stats'], 'json.stats');
  const at = (name: string): Json => readObject(params[name], `json.params.${name}`);
  const order = problem.params.names;
  const numbers = (member: string): Float64Array =>
    Float64Array.from(order, (name) =>
      readDouble(at(name)[member], `json.params.${name}.${member}`),
    );
  const record: FitRecord = {
    problem: { ...problem, init: numbers('init') },
    params: numbers('value'),
    chi2: readDouble(stats['chi2'], 'json.stats.chi2'),
    status: readStatus(fit['status'], 'json.status'),
    iterations: readDouble(fit['nIter'], 'json.nIter'),
    evaluations: readDouble(fit['nEval'], 'json.nEval'),
    elapsedSeconds: readDouble(fit['elapsedSeconds'], 'json.elapsedSeconds'),
    notes: [],
    ...others,
    ...(settings.model !== undefined && refits !== undefined && { refits }),
    details: once(() => readDetails(fit, stats, at, problem.params, y.length)),
    warnings: readWarnings(fit['warnings']),
    engine: fit['engine'] === 'native' ? 'native' : 'portable',
    ...(fit['starts'] !== undefined && { starts: fit['starts'] as StartsSummary }),
    ...(fit['trace'] !== undefined && { trace: readTrace(fit['trace']) }),
    ...(settings.model === undefined && {
      fitted: readDoubles(fit['fitted'], 'json.fitted', y.length),
    }),
  };
  return new CurveFitResult(record);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The options of the fit, checked as those of any other. */
function readSettings(
  fit: Json,
  params: Json,
  columns: readonly Float64Array[],
  y: Float64Array,
  sigma: Float64Array | null,
): FitSettings {
  const given = readObject(fit['options'], 'json.options');
  const kept = Object.fromEntries(
    keptOptions.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
  );
  const scale = fit['scale'] === null ? null : readDoubles(fit['scale'], 'json.scale', -1);
  const specs = Object.keys(params).map((name, k) => [name, specOf(params, name, scale?.[k])]);
  const source = fit['model'] === null ? null : readSource(fit['model']);
  const settings = readOptions('fitResultFromJSON', fitTable, {
    ...kept,
    ...(sigma !== null && { sigma }),
    ...(source !== null && { model: modelOfSource(source) }),
    x: source?.named === true
      ? Object.fromEntries(source.predictors.map((name, k) => [name, columns[k]]))
      : columns[0],
    y,
    params: Object.fromEntries(specs),
  });
  checkSettings(settings);
  return settings;
}

function specOf(params: Json, name: string, scale: number | undefined): object {
  const path = `json.params.${name}`;
  const param = readObject(params[name], path);
  if (param['expr'] !== undefined) return { expr: readText(param['expr'], `${path}.expr`) };
  const value = readDouble(param['init'], `${path}.init`);
  if (param['vary'] !== true) return { value, vary: false };
  const min = readDouble(param['min'], `${path}.min`, -Infinity);
  const max = readDouble(param['max'], `${path}.max`, Infinity);
  return {
    value,
    ...(min > -Infinity && { min }),
    ...(max < Infinity && { max }),
    ...(scale !== undefined && scale > 0 && { scale }),
  };
}

/** All that is known of a problem whose model has no text. */
function modelless(
  fit: Json,
  params: Json,
  columns: readonly Float64Array[],
  y: Float64Array,
  sigma: Float64Array | null,
): Problem {
  const names = Object.keys(params);
  const specs = names.map((name) => readObject(params[name], `json.params.${name}`));
  const numbers = (member: string, missing: number): Float64Array =>
    Float64Array.from(specs, (spec, k) =>
      readDouble(spec[member], `json.params.${names[k]}.${member}`, missing),
    );
  const vary = specs.map((spec) => spec['vary'] === true);
  const varying = names.map((_, k) => k).filter((k) => vary[k]);
  const source: ModelSource = {
    name: readText(fit['modelName'], 'json.modelName'),
    predictors: Object.keys(readObject(readObject(fit['data'], 'json.data')['x'], 'json.data.x')),
    named: columns.length > 1,
    paramNames: names,
    fn: null,
    parsed: null,
  };
  const set: ParamSet = {
    names,
    init: numbers('init', NaN),
    vary,
    varying,
    atDefault: [],
    lower: numbers('min', -Infinity),
    upper: numbers('max', Infinity),
    hasBounds: false,
    scale: null,
    ties: [],
  };
  const value = (): never => {
    throw inputError(
      'ERR_MODEL',
      'model',
      `${source.name} ran as a callback, which JSON does not hold: there are the numbers alone`,
    );
  };
  return {
    source,
    params: set,
    engine: selectEngine('auto'),
    program: { params: names.length, varying: Int32Array.from(varying), value },
    columns,
    y,
    sigma,
    init: set.init,
  };
}

function readDetails(
  fit: Json,
  stats: Json,
  at: (name: string) => Json,
  params: ParamSet,
  points: number,
): FitDetails {
  const n = params.varying.length;
  const rows = fit['covariance'];
  let covariance: Float64Array | null = null;
  if (rows !== null) {
    if (!Array.isArray(rows) || rows.length !== n)
      throw wrongMember('json.covariance', `${n} rows`, rows);
    covariance = new Float64Array(n * n);
    rows.forEach((row, i) => covariance!.set(readDoubles(row, `json.covariance[${i}]`, n), i * n));
  }
  return {
    residuals: readDoubles(fit['residuals'], 'json.residuals', points),
    stdErr: Float64Array.from(params.names, (name) =>
      readDouble(at(name)['stdErr'], `json.params.${name}.stdErr`),
    ),
    covariance,
    r2: readDouble(stats['r2'], 'json.stats.r2'),
    wantsCovariance: readObject(fit['options'], 'json.options')['covariance'] !== false,
    isBeyondRange: false,
  };
}

function readWarnings(given: unknown): readonly Warning[] {
  if (!Array.isArray(given)) throw wrongMember('json.warnings', 'an array', given);
  return given.map((warning, i) => {
    const { code, message, params } = readObject(warning, `json.warnings[${i}]`);
    readText(code, `json.warnings[${i}].code`);
    readText(message, `json.warnings[${i}].message`);
    return { code, message, ...(params !== undefined && { params }) } as Warning;
  });
}

function readTrace(given: unknown): Trace {
  const trace = readObject(given, 'json.trace');
  const column = (name: string): Float64Array => readDoubles(trace[name], `json.trace.${name}`, -1);
  return {
    count: readDouble(trace['count'], 'json.trace.count'),
    f: column('f'),
    gradNorm: column('gradNorm'),
    step: column('step'),
    ...(trace['x'] !== undefined && { x: column('x') }),
  };
}
