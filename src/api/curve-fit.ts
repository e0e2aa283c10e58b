// One curve. A single fit is a batch of one: it does the same arithmetic, and so gives the same
// bits.

import type { FitJob } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import { sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import { throwFault } from './callback.ts';
import { readData } from './data.ts';
import { CurveFitResult, type FitDetails } from './fit-result.ts';
import {
  checkTolerances,
  fitTable,
  readOptions,
  type CommonSettings,
  type FitSettings,
} from './options.ts';
import {
  chooseRun,
  earlyNotes,
  evaluateProblem,
  resolveModel,
  samplesOf,
  type Problem,
  type Samples,
} from './problem.ts';
import { runFits, runFitsAsync, type Outcome } from './rescale.ts';
import type { FitResult, Warning } from './result.ts';
import type {
  CurveFitOptions,
  AnyModel,
  ModelFn,
  ParamSpec,
  ParamSpecs,
  Point,
  Predictors,
  Progress,
} from './types.ts';
import { dataDropped } from './warnings.ts';

interface Prepared {
  readonly problem: Problem;
  readonly notes: readonly Warning[];
}

function prepare(settings: FitSettings): Prepared {
  const resolved = resolveModel(settings, false);
  const { params, source } = resolved;
  const { columns, y, sigma, dropped } = readData(settings, source);
  const notes = earlyNotes(settings, params);
  if (dropped > 0) notes.push(dataDropped(dropped));
  const sample = (): Samples => samplesOf(columns, y, params.init, y.length);
  const run = chooseRun(settings, resolved, sample, throwFault, false, notes);
  const { engine, program } = run;
  return {
    problem: { source, params, engine, program, columns, y, sigma, init: params.init },
    notes,
  };
}

/** 0 asks the engine for the reduced chi-square of each fit. */
export function covarianceFactor(settings: CommonSettings): number {
  return settings.sigmaIs === 'absolute' ? 1 : 0;
}

/** The job of one fit. Outputs hold what a fit that is never begun shall show. */
export function singleJob(
  problem: Problem,
  settings: CommonSettings,
  withCovariance: boolean,
): FitJob {
  const { columns, y, sigma, init, program } = problem;
  const n = program.varying.length;
  return {
    program,
    fits: 1,
    points: y.length,
    offsets: null,
    x: columns,
    xShared: true,
    y,
    sigma,
    sigmaShared: true,
    init,
    initShared: true,
    ftol: settings.ftol,
    xtol: settings.xtol,
    gtol: settings.gtol,
    maxIter: settings.maxIter,
    covarianceFactor: covarianceFactor(settings),
    fused: settings.numerics === 'fast',
    outputs: {
      params: init.slice(),
      ssr: new Float64Array([NaN]),
      status: new Uint8Array([statusCode.aborted]),
      iterations: new Uint16Array(1),
      stdErr: withCovariance ? new Float64Array(init.length) : null,
      covariance: withCovariance ? new Float64Array(n * n) : null,
      r2: new Float64Array(1),
      residuals: new Float64Array(y.length),
    },
  };
}

export function detailsOf({ outputs }: FitJob, { beyondRange }: Outcome): FitDetails {
  const { residuals, stdErr, covariance, r2 } = outputs;
  return {
    residuals: residuals!,
    stdErr,
    covariance,
    r2: r2![0],
    wantsCovariance: covariance !== null,
    isBeyondRange: beyondRange > 0,
  };
}

/** Residuals at a point where no fit ended by itself: there is no covariance. */
export function detailsAt(
  problem: Problem,
  params: Float64Array,
): FitDetails & { readonly chi2: number } {
  const { columns, y, sigma } = problem;
  const residuals = evaluateProblem(problem, columns, y.length, params);
  for (let i = 0; i < y.length; i++) residuals[i] = y[i] - residuals[i];
  const { chi2, total } = sumsOfSquares(y, residuals, sigma);
  return {
    residuals,
    stdErr: null,
    covariance: null,
    r2: 1 - chi2 / total,
    wantsCovariance: false,
    isBeyondRange: false,
    chi2,
  };
}

function finish(
  { problem, notes }: Prepared,
  settings: FitSettings,
  job: FitJob,
  outcome: Outcome,
  started: number,
): CurveFitResult {
  const { params, ssr, status, iterations } = job.outputs;
  const wasStopped = outcome.stopped !== null && outcome.done === 0;
  const details = wasStopped ? detailsAt(problem, params) : detailsOf(job, outcome);
  const elapsedSeconds = (performance.now() - started) / 1000;
  settings.onProgress?.({ done: outcome.done, total: 1, elapsedSeconds, etaSeconds: 0 });
  return new CurveFitResult({
    problem,
    params,
    chi2: 'chi2' in details ? (details.chi2 as number) : ssr[0],
    status: wasStopped ? statusCode[outcome.stopped] : status[0],
    iterations: iterations[0],
    elapsedSeconds,
    notes,
    isAbsolute: settings.sigmaIs === 'absolute',
    details: () => details,
  });
}

function readSettings(verb: string, options: unknown): FitSettings {
  const settings = readOptions(verb, fitTable, options);
  checkTolerances(settings);
  settings.signal?.throwIfAborted();
  return settings;
}

/**
 * Fits a model to one curve by least squares: finds parameters that minimise Σ((y − f(x; p))/σ)².
 *
 * @param o the model, x, y and options. With a plain function, `params` names the parameters and
 *   says where they start: `{ a: 1, b: { value: 2, vary: false } }`.
 * @returns parameters with standard errors, statistics, residuals and the status
 * @throws InputError before any work when an argument cannot be used
 * @throws CallbackError when a model that runs as a callback throws
 * @throws EngineError when the engine asked for by name is missing
 * @remarks Holds the thread; `curveFitAsync` does not. Not converging is reported in `status` and
 *   `success`; the best point found is always in the result.
 * @see Moré (1978), The Levenberg-Marquardt algorithm: implementation and theory
 * @example
 * const fit = curveFit({
 *   x: [0, 1, 2, 3], y: [5.1, 2.9, 1.9, 1.0],
 *   model: (x, p) => p.a * Math.exp(-p.k * x),
 *   params: { a: 5, k: 0.5 },
 * });
 * console.log(fit.values.k, fit.params.k.stdErr, fit.status);
 */
export function curveFit<const P extends ParamSpecs, X extends Predictors>(
  o: CurveFitOptions<X> & { model: ModelFn<P, Point<X>>; params: P },
): FitResult<keyof P & string>;
export function curveFit<N extends string>(
  o: CurveFitOptions & {
    model: AnyModel<N>;
    params?: { readonly [K in N]?: number | ParamSpec };
  },
): FitResult<N>;
export function curveFit(o: unknown): FitResult<string> {
  const settings = readSettings('curveFit', o);
  const started = performance.now();
  const prepared = prepare(settings);
  const job = singleJob(prepared.problem, settings, settings.covariance !== false);
  const outcome = runFits(prepared.problem.engine, job, {
    threads: 1,
    maxSeconds: settings.maxSeconds,
  });
  return finish(prepared, settings, job, outcome, started);
}

/**
 * As `curveFit`, without holding the thread.
 *
 * @returns a promise of the same result, to the same bits; it rejects with the signal's reason when
 *   `signal` aborts, and with what `curveFit` throws
 * @example
 * const fit = await curveFitAsync({
 *   x: [0, 1, 2, 3], y: [5.1, 2.9, 1.9, 1.0],
 *   model: (x, p) => p.a * Math.exp(-p.k * x),
 *   params: { a: 5, k: 0.5 },
 * });
 */
export function curveFitAsync<const P extends ParamSpecs, X extends Predictors>(
  o: CurveFitOptions<X> & { model: ModelFn<P, Point<X>>; params: P },
): Promise<FitResult<keyof P & string>>;
export function curveFitAsync<N extends string>(
  o: CurveFitOptions & {
    model: AnyModel<N>;
    params?: { readonly [K in N]?: number | ParamSpec };
  },
): Promise<FitResult<N>>;
export async function curveFitAsync(o: unknown): Promise<FitResult<string>> {
  const settings = readSettings('curveFitAsync', o);
  const started = performance.now();
  const prepared = prepare(settings);
  const job = singleJob(prepared.problem, settings, settings.covariance !== false);
  const { signal, onProgress, progressEveryMs, maxSeconds } = settings;
  const outcome = await runFitsAsync(prepared.problem.engine, job, {
    threads: 1,
    maxSeconds,
    signal,
    progressEveryMs,
    onProgress: onProgress && ((done) => onProgress(progressAt(done, 1, started))),
  });
  if (outcome.stopped === 'aborted') throw signal!.reason;
  return finish(prepared, settings, job, outcome, started);
}

export function progressAt(done: number, total: number, started: number): Progress {
  const elapsedSeconds = (performance.now() - started) / 1000;
  const etaSeconds = done > 0 ? (elapsedSeconds / done) * (total - done) : Infinity;
  return { done, total, elapsedSeconds, etaSeconds };
}
