// A fit as plain data: everything that a result shows, and besides the model as text, the data and
// the options, from which the result can be made again. JSON has no NaN and no infinity: they
// become null.

import type { FitDetails, FitRecord } from './fit-result.ts';
import { writeSource } from './model-json.ts';
import type { CommonSettings } from './options.ts';
import type { FitResult, FitStats, FittedParam, Status, Warning } from './result.ts';

export const fitFormat = 'nadir-fit';
export const jsonVersion = 1;

/** Options that the outcome of a fit depends on, data and parameters aside. */
export const keptOptions: readonly (keyof CommonSettings)[] = [
  'sigmaIs',
  'estimator',
  'method',
  'loss',
  'lossScale',
  'jac',
  'geodesicAcceleration',
  'polish',
  'covariance',
  'ftol',
  'xtol',
  'gtol',
  'maxIter',
  'maxEval',
  'numerics',
];

/** What `toJSON()` of a fit gives. */
export interface FitJSON {
  readonly format: typeof fitFormat;
  readonly version: typeof jsonVersion;
  /** null for a model that runs as a callback, which has no text. */
  readonly model: unknown;
  readonly modelName: string;
  readonly data: {
    /** One array per predictor, by name. */
    readonly x: Readonly<Record<string, number[]>>;
    readonly y: number[];
    readonly sigma: number[] | null;
  };
  readonly options: Readonly<Record<string, unknown>>;
  readonly lossScale: number | null;
  /** Typical sizes of the parameters, where they were given. */
  readonly scale: number[] | null;
  readonly params: Readonly<Record<string, FittedParam>>;
  readonly stats: FitStats;
  readonly status: Status;
  readonly success: boolean;
  readonly message: string;
  readonly nIter: number;
  readonly nEval: number;
  readonly varying: readonly string[];
  readonly covariance: number[][] | null;
  readonly correlation: number[][] | null;
  readonly residuals: number[];
  readonly fitted: number[];
  readonly warnings: readonly Warning[];
  readonly starts?: unknown;
  readonly trace?: unknown;
  readonly elapsedSeconds: number;
  readonly engine: string;
}

/** What two engines must agree on: everything but times, names and what the caller gave. */
export function comparableParts(
  fit: FitResult<string>,
): Omit<
  FitJSON,
  | 'format' | 'version' | 'model' | 'modelName' | 'data' | 'options' | 'lossScale' | 'scale'
  | 'message' | 'elapsedSeconds' | 'engine'
> {
  const { starts, trace, covariance, correlation } = fit;
  return {
    params: fit.params,
    stats: fit.stats,
    status: fit.status,
    success: fit.success,
    nIter: fit.nIter,
    nEval: fit.nEval,
    varying: fit.varying,
    covariance: covariance?.toArray() ?? null,
    correlation: correlation?.toArray() ?? null,
    residuals: Array.from(fit.residuals),
    fitted: Array.from(fit.fitted),
    warnings: fit.warnings,
    ...(starts !== undefined && { starts }),
    ...(trace !== undefined && {
      trace: Object.fromEntries(
        Object.entries(trace).map(([name, value]) => [
          name,
          typeof value === 'number' ? value : Array.from(value as Float64Array),
        ]),
      ),
    }),
  };
}

export function fitToJSON(
  fit: FitResult<string>,
  { problem, options = {}, lossScale }: FitRecord,
  { wantsCovariance }: FitDetails,
): FitJSON {
  const { columns, y, sigma, params } = problem;
  const own = problem.own ?? problem.source;
  const kept = Object.fromEntries(
    keptOptions
      .filter((name) => options[name] !== undefined && options[name] !== Infinity)
      .map((name) => [name, options[name]]),
  );
  const x = Object.fromEntries(own.predictors.map((name, k) => [name, Array.from(columns[k])]));
  return {
    format: fitFormat,
    version: jsonVersion,
    model: own.parsed === null ? null : writeSource(own),
    modelName: own.name,
    data: { x, y: Array.from(y), sigma: sigma && Array.from(sigma) },
    options: wantsCovariance ? kept : { ...kept, covariance: false },
    lossScale: lossScale ?? null,
    scale: params.scale && Array.from(params.scale),
    ...comparableParts(fit),
    message: fit.message,
    elapsedSeconds: fit.elapsedSeconds,
    engine: fit.engine,
  };
}
