// Nonlinear least squares over residual functions. The function is compiled where its source can be
// read, and called otherwise; the run is driven from here (drive.ts) by the careful solver.

import { selectEngine } from '../engine/select.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { State } from './checkpoint.ts';
import { isNumberState, isState, readCheckpoint, stateMember } from './checkpoint.ts';
import {
  callbackSystem,
  checkJacobian,
  compileResiduals,
  requireSame,
  type Chosen,
  type UserResiduals,
} from './choose-residuals.ts';
import { drive, driveAsync, varianceFactor } from './drive.ts';
import { inputError } from './errors.ts';
import { scaleFromResiduals } from './loss-scale.ts';
import { LeastSquaresResult, type LsqResult } from './lsq-result.ts';
import {
  lsqTable,
  readBounds,
  readScale,
  startWithin,
  type Limits,
  type LsqOptions,
  type LsqSettings,
} from './lsq-options.ts';
import { readOptions } from './options.ts';
import {
  askResiduals,
  type CallbackSystem,
  type InPlace,
  type ResidualSystem,
  type Returning,
  type Steps,
} from './residual-system.ts';
import { isSuccess, type Warning } from './result.ts';
import { Run, type RunOutcome, type RunSettings } from './run.ts';
import { readSparsity } from './sparsity.ts';
import type { VecLike } from './types.ts';
import { describe, readInteger, readVector } from './validate.ts';

/** Most residuals: as many as an array may have doubles. */
const maxResiduals = 2 ** 32 - 1;
/** Relative change below which the scale of a loss stands still, and most rounds of estimating it. */
const settledScale = 0.01;
const maxRounds = 5;

interface Request {
  readonly user: UserResiduals;
  readonly start: Float64Array;
  readonly limits: Limits;
  readonly xScale: Float64Array | null;
  readonly settings: LsqSettings;
  readonly resumed: State | null;
  readonly notes: Warning[];
  readonly started: number;
}

function readRequest(
  verb: string,
  residuals: unknown,
  x0: unknown,
  third: unknown,
  fourth: unknown,
): Request {
  if (typeof residuals !== 'function')
    throw inputError(
      'ERR_TYPE',
      'residuals',
      `expected a function (x) => residuals or (x, out) => void, got ${describe(residuals)}`,
    );
  const isInPlace = typeof third === 'number';
  if (!isInPlace && fourth !== undefined)
    throw inputError('ERR_TYPE', 'nResiduals', `expected an integer, got ${describe(third)}`);
  const count = isInPlace ? readInteger(third, 'nResiduals', 1, maxResiduals) : null;
  const options = isInPlace ? fourth : third;
  const settings = readOptions(verb, lsqTable, options === undefined ? {} : options);
  const { ftol, xtol, gtol } = settings;
  if (!(ftol > 0 || xtol > 0 || gtol > 0))
    throw inputError('ERR_RANGE', 'ftol', 'one of ftol, xtol and gtol must be above 0, all are 0');
  const given = readVector(x0, 'x0', -1, '', false);
  const limits = readBounds(settings.bounds, given.length);
  const xScale = readScale(settings.xScale, given.length);
  const resumed = settings.resumeFrom === undefined ? null : readCheckpoint(settings.resumeFrom);
  settings.signal?.throwIfAborted();
  const notes: Warning[] = [];
  selectEngine(settings.engine);
  if (settings.engine === 'native')
    notes.push({
      code: 'engine-fallback',
      message: 'residual functions are driven in JavaScript: the portable engine ran',
    });
  return {
    user: { fn: residuals as InPlace | Returning, count },
    start: startWithin(given, limits),
    limits,
    xScale,
    settings,
    resumed,
    notes,
    started: performance.now(),
  };
}

/** Compiles the function or takes it as it is, and tries it at the start. */
function* choose(request: Request): Steps<Chosen> {
  const { user, start, limits, settings, resumed, notes } = request;
  const { jac } = settings;
  let reason: string | undefined;
  const insists = jac === 'forward' || jac === 'reverse';
  if (jac === 'auto' || insists) {
    const compiled = compileResiduals(user, start, limits);
    if (compiled.system !== null) {
      // Of no use here, but no less checked.
      if (settings.jacSparsity !== undefined)
        readSparsity(settings.jacSparsity, compiled.system.m, start.length);
      return compiled;
    }
    ({ reason } = compiled);
    if (insists)
      throw inputError('ERR_MODEL', 'jac', `'${jac}' needs residuals that compile: ${reason}`);
  }
  const jacobian = typeof jac === 'function' ? jac : null;
  let first: Float64Array | null = null;
  let m = user.count ?? -1;
  if (m < 0) {
    first = yield* askResiduals(user.fn as Returning, start, -1);
    m = first.length;
    if (m === 0)
      throw inputError('ERR_MODEL', 'residuals', 'returned no residual at the start');
  }
  const choice = { user, m, jacobian, limits, scale: request.xScale };
  const system = callbackSystem(choice, settings, start.length);
  if (resumed === null) yield* tryAtStart(system, request, first, notes);
  return reason === undefined ? { system } : { system, reason };
}

/** Whether the function answers alike twice, and whether its Jacobian is one. */
function* tryAtStart(
  system: CallbackSystem,
  { start, limits, settings }: Request,
  known: Float64Array | null,
  notes: Warning[],
): Steps {
  if (known !== null) system.evaluations++;
  if (settings.noise !== undefined) return;
  const first = known ?? new Float64Array(system.m);
  if (known === null) yield* system.residualsInto(start, first);
  const second = new Float64Array(system.m);
  yield* system.residualsInto(start, second);
  requireSame(first, second);
  if (system.derivatives !== 'given' || !first.every(Number.isFinite)) return;
  const warning = yield* checkJacobian(system, start, first, limits);
  if (warning !== null) notes.push(warning);
}

function* solve(request: Request): Steps<LeastSquaresResult> {
  const { start, settings, notes } = request;
  const { system, reason } = yield* choose(request);
  const { outcome, lossScale, iterations } = yield* settle(request, system);
  const { onProgress } = settings;
  const elapsedSeconds = (performance.now() - request.started) / 1000;
  onProgress?.({
    done: iterations,
    total: isSuccess(outcome.status) ? iterations : settings.maxIter,
    elapsedSeconds,
    etaSeconds: 0,
    best: outcome.value / 2,
  });
  return new LeastSquaresResult({
    outcome,
    factor: varianceFactor(outcome, system.m, system.n),
    covariance: settings.covariance,
    start,
    lower: request.limits.lower,
    upper: request.limits.upper,
    derivatives: system.derivatives,
    ...(reason === undefined ? {} : { reason }),
    loss: settings.loss,
    lossScale,
    iterations,
    evaluations: system.evaluations,
    jacobians: system.jacobians,
    elapsedSeconds,
    notes,
  });
}

interface Settled {
  readonly outcome: RunOutcome;
  readonly lossScale: number;
  readonly iterations: number;
}

/** One run, or several where the scale of the loss follows from the residuals. */
function* settle(request: Request, system: ResidualSystem): Steps<Settled> {
  const { settings, resumed } = request;
  const isEstimated = settings.lossScale === 'mad' && settings.loss !== 'linear';
  let lossScale = typeof settings.lossScale === 'number' ? settings.lossScale : 1;
  let round = 0;
  let before = 0;
  let from = request.start;
  let state = resumed;
  if (state !== null) {
    const made = stateMember(state, 'run', isState);
    round = stateMember(made, 'round', isNumberState);
    if (isEstimated) lossScale = stateMember(made, 'lossScale', isNumberState);
    before = stateMember(state, 'before', isNumberState);
  } else if (isEstimated) {
    const residuals = new Float64Array(system.m);
    yield* system.residualsInto(from, residuals);
    lossScale = scaleFromResiduals(residuals, 1);
  }
  for (; ; round++) {
    const common = runSettings(request, system, { lossScale, round, before });
    const outcome = yield* attempt(request, system, common, from, state);
    const iterations = outcome.iterations;
    const isLast = !isEstimated || !isSuccess(outcome.status) || round + 1 >= maxRounds;
    const next = isLast ? lossScale : scaleFromResiduals(outcome.residuals, lossScale);
    if (!(Math.abs(next - lossScale) > settledScale * lossScale))
      return { outcome, lossScale, iterations };
    lossScale = next;
    before = iterations;
    from = outcome.x;
    state = null;
  }
}

type Stage = Pick<RunSettings, 'lossScale' | 'round' | 'before'>;

function runSettings(
  { settings, limits, xScale, started }: Request,
  { derivatives }: ResidualSystem,
  stage: Stage,
): RunSettings {
  const isExact = derivatives === 'symbolic' || derivatives === 'given';
  const { ftol, xtol, gtol, maxIter, maxEval, maxSeconds, loss, trace } = settings;
  const { callback, onNonFinite, onProgress, progressEveryMs } = settings;
  return {
    ...stage,
    ...{ ftol, xtol, gtol, maxIter, maxEval, maxSeconds, loss, trace },
    ...{ callback, onNonFinite, onProgress, progressEveryMs, xScale, started },
    method: settings.method === 'auto' ? 'lm' : settings.method,
    lower: limits.areThere ? limits.lower : null,
    upper: limits.areThere ? limits.upper : null,
    geodesic: settings.geodesicAcceleration,
    polish: settings.polish === 'exact' ? isExact : settings.polish,
    counts: null,
    factor: 0.5,
  };
}

/** Steps of 'lm' without an end after which another control of steps is worth trying. */
const manySteps = 1000;

function isWorthAnother({ status }: RunOutcome, { maxIter }: RunSettings): boolean {
  if (status === statusCode.maxIter) return maxIter >= manySteps;
  return status === statusCode.singular || status === statusCode.noProgress;
}

/**
 * With 'auto', 'lm' and where that finds no way 'trf' from the same start; the lower of the two.
 * Iterations are counted from the beginning.
 */
function* attempt(
  { settings }: Request,
  system: ResidualSystem,
  common: RunSettings,
  from: Float64Array,
  state: State | null,
): Steps<RunOutcome> {
  const counted = (outcome: RunOutcome, before: number): RunOutcome => ({
    ...outcome,
    iterations: before + outcome.iterations,
  });
  const isAuto = settings.method === 'auto';
  const isSecond = isAuto && state !== null && stateMember(state, 'run', isState)['method'] === 'trf';
  let first: RunOutcome | null = null;
  let { before } = common;
  if (!isSecond) {
    first = counted(yield* new Run(system, from, common, state).steps(), before);
    if (!isAuto || !isWorthAnother(first, common)) return first;
    before = first.iterations;
  }
  const other: RunSettings = { ...common, method: 'trf', before };
  const second = yield* new Run(system, from, other, isSecond ? state : null).steps();
  if (isSuccess(second.status)) return counted(second, before);
  // A run that was taken up in its second part has forgotten the first.
  const quiet = { ...common, callback: undefined, trace: false };
  first ??= yield* new Run(system, from, quiet, null).steps();
  const best = first.value <= second.value ? first : second;
  return { ...counted(second, before), ...pointOf(best) };
}

/** What belongs to the point of an outcome, without how it came to it. */
function pointOf(outcome: RunOutcome): Omit<RunOutcome, 'status' | 'iterations' | 'trace'> {
  const { x, residuals, jacobian, value, active, finish, influence, curvature } = outcome;
  return { x, residuals, jacobian, value, active, finish, influence, curvature };
}

/**
 * Finds x that minimises ½ Σ rᵢ(x)², or with a loss ½ Σ C²·ρ((rᵢ/C)²).
 *
 * @param residuals (x) => residuals, or with `nResiduals` (x, out) => void, which fills `out`. x has
 *   one entry per variable and is a copy. A function that consists of formulas, with its residuals
 *   in an array literal or written to out[0], out[1] …, is compiled and differentiated exactly
 *   (`derivatives` of the result says so); any other is called.
 * @param x0 where to start: one finite value per variable
 * @param nResiduals number of residuals that the function writes
 * @param options method, bounds, loss, derivatives, limits: see LsqOptions
 * @returns x, cost, residuals, Jacobian (m × n), covariance and standard errors, and the status
 * @throws InputError before any work when an argument cannot be used, and when the function returns
 *   something else than m numbers, or different ones for the same x
 * @throws CallbackError when the function throws: `at` is the point, `cause` what it threw
 * @remarks Holds the thread; `leastSquaresAsync` does not. Method 'auto' is 'lm' and, where
 *   that finds no way or no end in 1000 steps, 'trf' from the same start; all are by QR throughout.
 *   The function is called twice at the start, to see that it answers alike; with `noise` once. Not
 *   converging is reported in `status`; the best point found is always in the result.
 * @see Moré (1978), The Levenberg-Marquardt algorithm: implementation and theory
 * @example
 * const rosenbrock = (x) => [10 * (x[1] - x[0] ** 2), 1 - x[0]];
 * const result = leastSquares(rosenbrock, [-1.2, 1]);
 * console.log(result.x, result.cost, result.status, result.derivatives);
 */
export function leastSquares(
  residuals: (x: Float64Array, out: Float64Array) => void,
  x0: VecLike,
  nResiduals: number,
  options?: LsqOptions,
): LsqResult;
export function leastSquares(
  residuals: (x: Float64Array) => VecLike,
  x0: VecLike,
  options?: LsqOptions,
): LsqResult;
export function leastSquares(
  residuals: unknown,
  x0: unknown,
  third?: unknown,
  fourth?: unknown,
): LsqResult {
  return drive(solve(readRequest('leastSquares', residuals, x0, third, fourth)));
}

/**
 * As `leastSquares`, without holding the thread. The function, and a Jacobian given as `jac`, may
 * return promises, which are awaited one after another.
 *
 * @returns a promise of the same result, to the same bits; it rejects with the signal's reason as
 *   soon as `signal` aborts, and with what `leastSquares` throws
 * @example
 * const measure = async (x) => [x[0] - 3, 2 * x[1] + 1];
 * const result = await leastSquaresAsync(measure, [0, 0]);
 */
export function leastSquaresAsync(
  residuals: (x: Float64Array, out: Float64Array) => void | PromiseLike<void>,
  x0: VecLike,
  nResiduals: number,
  options?: LsqOptions,
): Promise<LsqResult>;
export function leastSquaresAsync(
  residuals: (x: Float64Array) => VecLike | PromiseLike<VecLike>,
  x0: VecLike,
  options?: LsqOptions,
): Promise<LsqResult>;
export async function leastSquaresAsync(
  residuals: unknown,
  x0: unknown,
  third?: unknown,
  fourth?: unknown,
): Promise<LsqResult> {
  const request = readRequest('leastSquaresAsync', residuals, x0, third, fourth);
  return driveAsync(solve(request), request.settings.signal);
}
