// One curve. A single fit is a batch of one: it does the same arithmetic, and so gives the same
// bits.

import { throwFault } from './callback.ts';
import { chooseRun, samplesOf, type Samples } from './choose-run.ts';
import { readData } from './data.ts';
import { checkDriven, isDriven, solveDriven, solveDrivenAsync } from './driven.ts';
import { CurveFitResult } from './fit-result.ts';
import { findStarts, startNotes } from './find-starts.ts';
import { checkSettings, fitTable, readOptions, type FitSettings } from './options.ts';
import { earlyNotes, resolveModel, type Problem } from './problem.ts';
import { recordOf } from './record.ts';
import { runFits, runFitsAsync } from './rescale.ts';
import type { FitResult, Warning } from './result.ts';
import { singleJob } from './single-job.ts';
import { solve, solveAsync, type Solved } from './solve.ts';
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

/** The problem that options state, and what is to be said about it. */
export function prepare(settings: FitSettings): Prepared {
  const resolved = resolveModel(settings, 'model');
  const { source, own } = resolved;
  const { columns, y, sigma, dropped } = readData(settings, source);
  const notes = earlyNotes(settings);
  if (dropped > 0) notes.push(dataDropped(dropped));
  const params = findStarts(resolved, columns, y);
  const { init } = params;
  notes.unshift(...startNotes(resolved, init));
  const sample = (): Samples => samplesOf(columns, y, init, y.length);
  const model = { ...resolved, params };
  const { engine, program } = chooseRun(settings, model, sample, throwFault, false, notes);
  return { problem: { source, own, params, engine, program, columns, y, sigma, init }, notes };
}

function finish(
  { problem, notes }: Prepared,
  settings: FitSettings,
  solved: Solved,
  started: number,
): CurveFitResult {
  const { done } = solved.outcome;
  const elapsedSeconds = (performance.now() - started) / 1000;
  settings.onProgress?.({ done, total: 1, elapsedSeconds, etaSeconds: 0 });
  // The result keeps the settings, and copies of the data: not the caller's arrays besides.
  settings.x = settings.y = settings.sigma = settings.weights = undefined;
  return new CurveFitResult(recordOf(problem, settings, solved, elapsedSeconds, notes));
}

function readSettings(verb: string, options: unknown): FitSettings {
  const settings = readOptions(verb, fitTable, options);
  checkSettings(settings);
  checkDriven(settings);
  settings.signal?.throwIfAborted();
  return settings;
}

/** Seconds that are left of `maxSeconds`. */
function left({ maxSeconds }: FitSettings, started: number): number {
  return Math.max(0, maxSeconds - (performance.now() - started) / 1000);
}

/**
 * Fits a model to one curve: finds parameters that minimise Σ((y − f(x; p))/σ)², or what `loss` or
 * `estimator` puts in its place, within bounds.
 *
 * @param o the model, x, y and options. With a plain function, `params` names the parameters and
 *   says where they start: `{ a: 1, b: { value: 2, vary: false } }`. Bounds (`min`, `max`) and
 *   formulas over other parameters (`expr`) stand there as well. Parameters of a model from
 *   `models`, `expr` or `model` that have no start get one from the data.
 * @returns parameters with standard errors, statistics, residuals and the status
 * @throws InputError before any work when an argument cannot be used: ERR_BOUNDS for bounds without
 *   room, ERR_START_OUTSIDE_BOUNDS, ERR_PARAMS for names and formulas, ERR_SHAPE, ERR_NOT_FINITE …
 * @throws CallbackError when a model that runs as a callback throws
 * @throws EngineError when the engine asked for by name is missing
 * @remarks Holds the thread; `curveFitAsync` does not. Not converging is reported in `status` and
 *   `success`; the best point found is always in the result. No evaluation leaves the bounds; a
 *   parameter that ends on one has no standard error, and those of the others hold with it there.
 * @see Moré (1978), The Levenberg-Marquardt algorithm: implementation and theory
 * @example
 * const fit = curveFit({
 *   x: [0, 1, 2, 3], y: [5.1, 2.9, 1.9, 1.0],
 *   model: (x, p) => p.a * Math.exp(-p.k * x),
 *   params: { a: 5, k: 0.5 },
 * });
 * console.log(fit.values.k, fit.params.k.stdErr, fit.status);
 *
 * // Bounds, ties and an outlier.
 * const peak = curveFit({
 *   x: [-2, -1, 0, 1, 2, 3], y: [0.4, 2.5, 4.1, 2.4, 9.9, 0.1],
 *   model: expr('amp*exp(-(x - cen)^2/(2*wid^2)) + base'),
 *   params: {
 *     amp: { value: 3, min: 0 }, cen: { value: 0, min: -1, max: 1 }, wid: { value: 1, min: 0.1 },
 *     base: { expr: 'amp/100' }, area: { expr: 'amp*wid*sqrt(2*pi)' },
 *   },
 *   loss: 'cauchy', lossScale: 'mad',
 * });
 * console.log(peak.params['area'].value, peak.params['area'].stdErr);
 */
export function curveFit<const P extends ParamSpecs, X extends Predictors>(
  o: CurveFitOptions<X> & { model: ModelFn<P, Point<X>>; params: P },
): FitResult<keyof P & string>;
export function curveFit<N extends string>(
  o: CurveFitOptions & {
    model: AnyModel<N>;
    params?: { readonly [K in N]?: number | ParamSpec } & Record<string, number | ParamSpec>;
  },
): FitResult<N>;
export function curveFit(o: unknown): FitResult<string> {
  const settings = readSettings('curveFit', o);
  const started = performance.now();
  const prepared = prepare(settings);
  const { problem } = prepared;
  if (isDriven(settings))
    return finish(prepared, settings, solveDriven(problem, settings), started);
  const { engine, params } = problem;
  const job = singleJob(problem, settings, settings.covariance !== false);
  const solved = solve(job, settings, params, 1, (next, threads) =>
    runFits(engine, next, { threads, maxSeconds: left(settings, started) }),
  );
  return finish(prepared, settings, solved, started);
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
    params?: { readonly [K in N]?: number | ParamSpec } & Record<string, number | ParamSpec>;
  },
): Promise<FitResult<N>>;
export async function curveFitAsync(o: unknown): Promise<FitResult<string>> {
  const settings = readSettings('curveFitAsync', o);
  const started = performance.now();
  const prepared = prepare(settings);
  const { problem } = prepared;
  if (isDriven(settings))
    return finish(prepared, settings, await solveDrivenAsync(problem, settings), started);
  const { engine, params } = problem;
  const job = singleJob(problem, settings, settings.covariance !== false);
  const { signal, onProgress, progressEveryMs } = settings;
  const solved = await solveAsync(job, settings, params, 1, (next, threads) =>
    runFitsAsync(engine, next, {
      threads,
      maxSeconds: left(settings, started),
      signal,
      progressEveryMs,
      // Starts are steps on the way to the one fit.
      onProgress:
        onProgress && ((done) => onProgress(progressAt(next.fits === 1 ? done : 0, 1, started))),
    }),
  );
  if (solved.outcome.stopped === 'aborted') throw signal!.reason;
  return finish(prepared, settings, solved, started);
}

export function progressAt(done: number, total: number, started: number): Progress {
  const elapsedSeconds = (performance.now() - started) / 1000;
  const etaSeconds = done > 0 ? (elapsedSeconds / done) * (total - done) : Infinity;
  return { done, total, elapsedSeconds, etaSeconds };
}
