// Several data sets of one model, some parameters shared by all of them.

import type { FitJob } from '../engine/engine.ts';
import { nextTurn } from '../engine/portable.ts';
import { threads } from '../engine/select.ts';
import { running } from '../arrow/arrow-solver.ts';
import { statusCode } from '../portable/optim/status.ts';
import { timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { inputError } from './errors.ts';
import { readGlobalProblem, type GlobalProblem, type GlobalSettings } from './global-data.ts';
import { GlobalCurveFit } from './global-result.ts';
import { solveGlobal, type GlobalAsk, type GlobalSolution } from './global-solve.ts';
import type { GlobalFitOptions, GlobalFitResult } from './global-types.ts';
import {
  batchTable,
  checkSettings,
  fitTable,
  readOptions,
  type CommonSettings,
} from './options.ts';
import type { Warning } from './result.ts';
import { methodOf } from './single-job.ts';
import type { Predictors } from './types.ts';

const { model, params, sigmaIs, nonFinite, estimator, loss, lossScale, covariance } = fitTable;
const { ftol, xtol, gtol, maxIter, engine, numerics, threads: threadCount } = batchTable;
const { signal, onProgress, progressEveryMs, maxSeconds } = batchTable;

/** Members typed unknown are read later. */
const globalTable = {
  model,
  params,
  data: batchTable.x,
  shared: batchTable.x,
  sigmaIs,
  nonFinite,
  estimator,
  loss,
  lossScale,
  covariance,
  ftol,
  xtol,
  gtol,
  maxIter,
  engine,
  numerics,
  threads: threadCount,
  signal,
  onProgress,
  progressEveryMs,
  maxSeconds,
};

/** What only single fits and batches let one choose. */
const fixedSettings: Pick<
  CommonSettings,
  | 'x'
  | 'y'
  | 'sigma'
  | 'weights'
  | 'method'
  | 'xScale'
  | 'jac'
  | 'geodesicAcceleration'
  | 'polish'
  | 'maxEval'
> = {
  x: undefined,
  y: undefined,
  sigma: undefined,
  weights: undefined,
  method: 'auto',
  xScale: undefined,
  jac: 'auto',
  geodesicAcceleration: false,
  polish: true,
  maxEval: Infinity,
};

interface Prepared {
  readonly settings: GlobalSettings;
  readonly problem: GlobalProblem;
  readonly notes: readonly Warning[];
  readonly started: number;
}

function prepare(verb: string, options: unknown): Prepared {
  const given = readOptions(verb, globalTable, options);
  const settings: GlobalSettings = { ...fixedSettings, ...given };
  checkSettings(settings);
  if (settings.lossScale === 'mad')
    throw inputError('ERR_RANGE', 'lossScale', "expected a number above 0, got 'mad'");
  if (settings.covariance === 'pseudo-inverse')
    throw inputError('ERR_RANGE', 'covariance', "expected 'auto' or false, got 'pseudo-inverse'");
  settings.signal?.throwIfAborted();
  const started = performance.now();
  const notes: Warning[] = [];
  const problem = readGlobalProblem(settings, notes);
  return { settings, problem, notes, started };
}

type Search = Generator<GlobalAsk, GlobalSolution, number>;

function begin({ settings, problem }: Prepared): Search {
  const plain = methodOf(settings, problem.params);
  const { exponent } = problem;
  const c = plain.lossScale?.[0] ?? 1;
  const lossScale =
    exponent === 0 ? plain.lossScale : Float64Array.of(timesPowerOfTwo(c, -exponent));
  const method = { ...plain, lossScale, careful: false, polish: false };
  return solveGlobal(problem, method, settings);
}

/** Whether the time is up, or the caller wants no more: a status code, or `running`. */
function limit({ settings, started }: Prepared): number {
  const { maxSeconds } = settings;
  return maxSeconds < Infinity && performance.now() - started >= maxSeconds * 1000
    ? statusCode.maxSeconds
    : running;
}

function finish(prepared: Prepared, solution: GlobalSolution): GlobalCurveFit {
  const { settings, problem, notes, started } = prepared;
  const { evaluator, solver } = solution;
  // Stopped before anything was evaluated: there is no better point than the start.
  if (solver.evaluations === 0) solver.base.set(solver.x);
  let chi2 = solver.baseValue;
  if (!evaluator.accurateAt.every((value, j) => value === solver.base[j])) {
    // Once more with all digits, so that parameters, residuals and triangles are those of one point.
    const last = evaluator.accurateInto(solver.base, solver.baseTriangles);
    let piece = last.next();
    while (piece.done !== true) piece = last.next();
    chi2 = piece.value;
  }
  const elapsedSeconds = (performance.now() - started) / 1000;
  const { iterations } = solution;
  settings.onProgress?.({ done: iterations, total: iterations, elapsedSeconds, etaSeconds: 0 });
  return new GlobalCurveFit({ problem, settings, solution, chi2, elapsedSeconds, notes });
}

/**
 * Fits one model to several data sets at once, some parameters shared by all of them: minimises
 * Σᵢ Σⱼ ((yᵢⱼ − f(xᵢⱼ; shared, localᵢ))/σᵢⱼ)².
 *
 * @param o `model`; `data`, an array of `{ x, y, sigma?, weights?, params? }`, sets of any length;
 *   `shared`, the names of the parameters that have one value for all sets; `params` with starts,
 *   bounds and ties for all sets alike
 * @returns shared and local parameters with standard errors, statistics, residuals and the status
 * @throws InputError before any work when an argument cannot be used; CallbackError when a model
 *   that runs as a callback throws; EngineError when the engine asked for by name is missing
 * @remarks Time and memory are linear in the number of sets. A start that is not given is guessed
 *   from the data of each set, that of a shared parameter is the median. Every fit ends with
 *   undamped steps until the parameters stand still. Holds the thread; `globalFitAsync` does not.
 * @see Golub & Plemmons (1980), Large-scale geodetic least-squares adjustment by dissection and
 *   orthogonal decomposition
 * @example
 * const fit = globalFit({
 *   model: (x, p) => p.a * Math.exp(-p.k * x),
 *   data: [
 *     { x: [0, 1, 2, 3], y: [5.1, 2.9, 1.9, 1.0] },
 *     { x: [0, 2, 4], y: [8.2, 2.8, 1.1] },
 *   ],
 *   shared: ['k'],
 *   params: { a: 5, k: 0.5 },
 * });
 * console.log(fit.shared.k.value, fit.local[1].a.stdErr);
 */
export function globalFit<
  N extends string,
  const S extends N,
  X extends Predictors = Predictors,
>(o: GlobalFitOptions<N, S, X>): GlobalFitResult<N, S> {
  const prepared = prepare('globalFit', o);
  const search = begin(prepared);
  let next = search.next();
  while (next.done !== true) {
    if (next.value !== null) runNow(prepared, next.value);
    next = search.next(limit(prepared));
  }
  return finish(prepared, next.value) as unknown as GlobalFitResult<N, S>;
}

function runNow({ settings, problem }: Prepared, job: FitJob): void {
  problem.engine.fitBatchSync(job, {
    threads: settings.threads ?? threads(),
    maxSeconds: Infinity,
  });
}

/** Milliseconds between turns of the event loop. */
const sliceMs = 8;

/**
 * As `globalFit`, without holding the thread.
 *
 * @returns a promise of the same result, to the same bits; it rejects with the signal's reason when
 *   `signal` aborts, and with what `globalFit` throws
 * @example
 * const fit = await globalFitAsync({
 *   model: models.line(),
 *   data: [{ x: [0, 1, 2], y: [1, 3.1, 4.9] }, { x: [0, 1, 2], y: [4, 6.1, 7.9] }],
 *   shared: ['slope'],
 * });
 */
export async function globalFitAsync<
  N extends string,
  const S extends N,
  X extends Predictors = Predictors,
>(o: GlobalFitOptions<N, S, X>): Promise<GlobalFitResult<N, S>> {
  const prepared = prepare('globalFitAsync', o);
  const { settings, problem, started } = prepared;
  const { onProgress, progressEveryMs, signal } = settings;
  const search = begin(prepared);
  let turned = performance.now(),
    reported = started,
    steps = 0;
  let next = search.next();
  while (next.done !== true) {
    if (next.value !== null) {
      steps++;
      await problem.engine.fitBatch(next.value, {
        threads: settings.threads ?? threads(),
        maxSeconds: Infinity,
        progressEveryMs,
        signal,
      });
      turned = performance.now();
    } else if (performance.now() - turned > sliceMs) {
      await nextTurn();
      turned = performance.now();
    }
    signal?.throwIfAborted();
    let answer = limit(prepared);
    if (onProgress !== undefined && performance.now() - reported >= progressEveryMs) {
      reported = performance.now();
      const elapsedSeconds = (reported - started) / 1000;
      const { maxIter } = settings;
      const progress = { done: steps, total: maxIter, elapsedSeconds, etaSeconds: Infinity };
      if (onProgress(progress) === false) answer = statusCode.stoppedByCallback;
    }
    next = search.next(answer);
  }
  return finish(prepared, next.value) as unknown as GlobalFitResult<N, S>;
}
