// The loop around a run: makes the calls that it asks for and sends back the answers. Once as it
// is, and once with await, where functions may return promises and a signal may end it.
//
// driveFit drives the fit of a curve this way, iteration by iteration, for what an engine that
// keeps to itself cannot do: trace, callback, checkpoints, and a say in values that are not finite.

import type { FitJob, FitOutcome } from '../engine/engine.ts';
import { nextTurn } from '../engine/portable.ts';
import { sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import { readCheckpoint } from './checkpoint.ts';
import { inputError } from './errors.ts';
import type { FitSettings } from './options.ts';
import { evaluateProblem, jacobianOf, type Problem } from './problem.ts';
import { callbackError, type Call, type ResidualSystem, type Steps } from './residual-system.ts';
import { Run, type RunOutcome, type RunSettings } from './run.ts';
import type { Trace } from './trace.ts';

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

function called(call: NonNullable<Call>): unknown {
  try {
    return call.run();
  } catch (error) {
    throw callbackError(call, error);
  }
}

/** @throws InputError where a function returns a promise, CallbackError where one throws */
export function drive<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) {
    const call = step.value;
    let answer: unknown;
    if (call !== null) {
      answer = called(call);
      if (isThenable(answer)) {
        // What it comes to is dropped; it must not reject unheard.
        answer.then(undefined, () => {});
        throw inputError(
          'ERR_TYPE',
          call.what,
          'returned a promise; leastSquaresAsync awaits such functions',
        );
      }
    }
    step = steps.next(answer);
  }
  return step.value;
}

/** Milliseconds after which the event loop gets a turn. */
const turnMs = 12;

/** As `drive`, with promises awaited. Rejects with the reason of `signal` as soon as it aborts. */
export async function driveAsync<T>(
  steps: Steps<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  let giveUp: ((reason: unknown) => void) | null = null;
  const abort = (): void => giveUp?.(signal!.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    let turned = performance.now();
    let step = steps.next();
    while (step.done !== true) {
      const call = step.value;
      let answer: unknown;
      if (call !== null) {
        answer = called(call);
        if (isThenable(answer)) {
          const promised = answer;
          // Not Promise.race, which would keep something of every call on a promise of the abort.
          answer = await new Promise((resolve, reject) => {
            giveUp = reject;
            promised.then(resolve, (error: unknown) => reject(callbackError(call, error)));
          });
          giveUp = null;
        }
      }
      if (performance.now() - turned > turnMs) {
        await nextTurn();
        turned = performance.now();
      }
      signal?.throwIfAborted();
      step = steps.next(answer);
    }
    return step.value;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** What a driven fit has beyond the outputs of its job. */
export interface DrivenFit {
  readonly outcome: FitOutcome;
  readonly trace: Trace | null;
  /** Evaluations of the model over all points. */
  readonly evaluations: number;
}

/** Residuals (f − y)/σ of a fit, by its varying parameters. */
class FitSystem implements ResidualSystem {
  readonly m: number;
  readonly n: number;
  readonly derivatives: 'symbolic' | '2-point';
  readonly differences = null;
  evaluations = 0;
  jacobians = 0;
  /** f as it was evaluated last. */
  readonly fitted: Float64Array;
  readonly #problem: Problem;
  readonly #params: Float64Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.m = problem.y.length;
    this.n = problem.program.varying.length;
    this.derivatives = typeof problem.program.value === 'function' ? '2-point' : 'symbolic';
    this.fitted = new Float64Array(this.m);
    this.#params = problem.init.slice();
  }

  paramsAt(x: Float64Array): Float64Array {
    const params = this.#params;
    const { varying } = this.#problem.program;
    for (let j = 0; j < x.length; j++) params[varying[j]] = x[j];
    return params;
  }

  // oxlint-disable-next-line require-yield -- nothing is asked of the driver
  *residualsInto(x: Float64Array, out: Float64Array): Steps {
    const { columns, y, sigma } = this.#problem;
    this.evaluations++;
    const f = evaluateProblem(this.#problem, columns, y.length, this.paramsAt(x));
    this.fitted.set(f);
    for (let i = 0; i < f.length; i++) {
      const w = sigma === null ? 1 : 1 / sigma[i];
      out[i] = (f[i] - y[i]) * w;
    }
  }

  // oxlint-disable-next-line require-yield -- nothing is asked of the driver
  *jacobianInto(x: Float64Array, _residuals: Float64Array, out: Float64Array): Steps {
    this.jacobians++;
    out.set(jacobianOf(this.#problem, this.paramsAt(x)));
  }
}

type DriveSettings = Pick<
  FitSettings,
  | 'trace'
  | 'callback'
  | 'onNonFinite'
  | 'resumeFrom'
  | 'maxEval'
  | 'maxSeconds'
  | 'onProgress'
  | 'progressEveryMs'
>;

/** Fits a job of one fit by the careful path throughout, and fills its outputs. */
export function driveFit(problem: Problem, job: FitJob, settings: DriveSettings): DrivenFit {
  return drive(fitSteps(problem, job, settings));
}

/** As `driveFit`; rejects with the reason of `signal` when it aborts. */
export function driveFitAsync(
  problem: Problem,
  job: FitJob,
  settings: DriveSettings,
  signal: AbortSignal | undefined,
): Promise<DrivenFit> {
  return driveAsync(fitSteps(problem, job, settings), signal);
}

function* fitSteps(problem: Problem, job: FitJob, settings: DriveSettings): Steps<DrivenFit> {
  const system = new FitSystem(problem);
  const { varying } = problem.program;
  const pick = (values: Float64Array | null): Float64Array | null =>
    values && Float64Array.from(varying, (k) => values[k]);
  const runSettings: RunSettings = {
    method: job.method === 'auto' ? 'lm' : job.method,
    ftol: job.ftol,
    xtol: job.xtol,
    gtol: job.gtol,
    maxIter: job.maxIter,
    maxEval: settings.maxEval,
    maxSeconds: settings.maxSeconds,
    lower: pick(job.lower),
    upper: pick(job.upper),
    xScale: pick(job.xScale),
    loss: job.loss,
    lossScale: job.lossScale === null ? 1 : job.lossScale[0],
    round: 0,
    before: 0,
    geodesic: job.geodesic,
    polish: job.polish,
    trace: settings.trace,
    callback: settings.callback,
    onNonFinite: settings.onNonFinite,
    onProgress: settings.onProgress,
    progressEveryMs: settings.progressEveryMs,
    started: performance.now(),
    counts: job.loss === 'poisson' ? { y: problem.y, f: system.fitted } : null,
    factor: 1,
  };
  const { resumeFrom } = settings;
  const state = resumeFrom === undefined ? null : readCheckpoint(resumeFrom);
  const run = new Run(system, pick(problem.init)!, runSettings, state);
  const outcome = yield* run.steps();
  writeOutputs(problem, job, system, outcome);
  return {
    outcome: { done: 1, stopped: null },
    trace: outcome.trace,
    evaluations: system.evaluations,
  };
}

function writeOutputs(
  { y, sigma, program: { varying } }: Problem,
  { outputs, covarianceFactor, pseudoInverse }: FitJob,
  system: FitSystem,
  outcome: RunOutcome,
): void {
  const { n, m } = system;
  outputs.params.set(system.paramsAt(outcome.x));
  outputs.ssr[0] = outcome.value;
  outputs.status[0] = outcome.status;
  outputs.iterations[0] = outcome.iterations;
  const residuals = outcome.residuals.map((r, i) => (sigma === null ? -r : -r * sigma[i]));
  outputs.residuals?.set(residuals);
  if (outputs.r2 !== null) {
    const { chi2, total } = sumsOfSquares(y, residuals, sigma);
    outputs.r2[0] = 1 - chi2 / total;
  }
  if (outputs.covariance === null && outputs.stdErr === null) return;
  const factor = covarianceFactor === 0 ? varianceFactor(outcome, m, n) : covarianceFactor;
  const covariance = new Float64Array(n * n).fill(NaN);
  if (Number.isFinite(outcome.value)) outcome.finish().covarianceInto(covariance, pseudoInverse);
  for (let k = 0; k < n * n; k++) covariance[k] *= factor;
  outputs.covariance?.set(covariance);
  outputs.stdErr?.fill(0);
  if (outputs.stdErr !== null)
    for (let j = 0; j < n; j++) outputs.stdErr[varying[j]] = Math.sqrt(covariance[j * n + j]);
}

/**
 * From (JᵀJ)⁻¹ to the covariance: Σψ²/(m − n) over mean ψ′ (Huber 1981, section 7.6), which is
 * Σr²/(m − n) without a loss. NaN without degrees of freedom.
 */
export function varianceFactor(outcome: RunOutcome, m: number, n: number): number {
  return m > n ? outcome.influence / (m - n) / (outcome.curvature / m) : NaN;
}
