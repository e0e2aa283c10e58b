// Many starts on one curve. All of them are run side by side as one engine job, on the normal
// equations alone. The lowest end is then fitted in full from where it ended, and so are a few
// others near it that had not converged; the lowest of these fits is the result.

import type { FitJob, FitOutputs } from '../engine/engine.ts';
import { threads } from '../engine/select.ts';
import { statusCode } from '../portable/optim/status.ts';
import { sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import { Random } from '../statistics/random.ts';
import { startPointsInto } from '../statistics/start-points.ts';
import type { ParamSet } from './params.ts';
import type { Outcome } from './rescale.ts';
import { isSuccess } from './result.ts';

/** What the starts came to. */
export interface StartsSummary {
  /** Starts that were run, the given one among them. */
  readonly count: number;
  /** Starts that ended at the lowest minimum: its value within a millionth. */
  readonly reached: number;
  readonly seed: number;
}

export interface StartsFit {
  /** The full fit of the lowest minimum: its outputs are the result. */
  readonly job: FitJob;
  readonly outcome: Outcome;
  /** Steps tried in all, those of the start that led here among them. */
  readonly iterations: number;
  readonly starts: StartsSummary;
}

/** Values this close, relatively, belong to one minimum. */
const sameMinimum = 1e-6;
/** Sums of squares below this share of those of the data are rounding: all of them are exact fits. */
const exactShare = 1e-24;
/** The most ends that are fitted in full: the lowest, and others that had not converged there. */
const candidates = 4;
/** Ends above this many times the lowest value are left alone. */
const worthwhile = 4;
/** 'auto' begins with this many starts, doubles them until the best was found often enough. */
const firstRound = 16;
const lastRound = 1024;
const oftenEnough = 3;
/** Steps of one start in the search: far ones may wander, the best is fitted in full anyway. */
const searchSteps = 100;
/** Values of the model (points times starts) from which several threads pay. */
const worthThreads = 2 ** 18;

interface Request {
  /** The complete job of the fit, from the given start. */
  readonly job: FitJob;
  readonly params: ParamSet;
  readonly starts: number | 'auto';
  readonly seed: number;
}

/** A job to be run on so many threads; its outcome is the answer. */
interface Ask {
  readonly job: FitJob;
  readonly threads: number;
}

/**
 * @param run runs a job to its end, fits out of range of doubles included
 */
export function fitFromStarts(
  request: Request,
  run: (job: FitJob, threads: number) => Outcome,
): StartsFit {
  const search = searchStarts(request);
  let next = search.next();
  while (next.done !== true) next = search.next(run(next.value.job, next.value.threads));
  return next.value;
}

export async function fitFromStartsAsync(
  request: Request,
  run: (job: FitJob, threads: number) => Promise<Outcome>,
): Promise<StartsFit> {
  const search = searchStarts(request);
  let next = search.next();
  while (next.done !== true) next = search.next(await run(next.value.job, next.value.threads));
  return next.value;
}

function* searchStarts(request: Request): Generator<Ask, StartsFit, Outcome> {
  const { job, params, seed } = request;
  const isAuto = request.starts === 'auto';
  const most = request.starts === 'auto' ? lastRound : request.starts;
  const n = params.names.length;
  const random = new Random(seed);
  const noise = exactShare * totalOf(job);
  let ends: Ends = { count: 0, params: new Float64Array(0), ssr: [], converged: [], iterations: [] };
  for (let end = isAuto ? firstRound : most; ; end = Math.min(2 * end, most)) {
    const begun = ends.count;
    const init = new Float64Array((end - begun) * n);
    if (begun === 0) init.set(job.init.subarray(0, n));
    const space = { ...params, init: job.init };
    startPointsInto(space, random, init, begun === 0 ? 1 : 0, end - begun);
    const many = searchJob(job, init, end - begun);
    const isLarge = many.fits * many.points >= worthThreads;
    const outcome = yield { job: many, threads: isLarge ? threads() : 1 };
    ends = append(ends, many.outputs);
    if (outcome.stopped !== null) return stoppedAt(job, ends, outcome, seed);
    const { lowest, found } = minima(ends, noise);
    if (end >= most || (found[0] ?? []).length >= oftenEnough) {
      const summary = { count: ends.count, seed };
      return yield* fitLowest(job, ends, { lowest, found }, noise, summary);
    }
  }
}

/** Where the starts ended. */
interface Ends {
  readonly count: number;
  readonly params: Float64Array;
  readonly ssr: readonly number[];
  readonly converged: readonly boolean[];
  readonly iterations: readonly number[];
}

function append(ends: Ends, { params, ssr, status, iterations }: FitOutputs): Ends {
  const all = new Float64Array(ends.params.length + params.length);
  all.set(ends.params);
  all.set(params, ends.params.length);
  // A start without a finite value ends nowhere.
  const values = Array.from(ssr, (value, i) =>
    status[i] === statusCode.notFinite || status[i] === statusCode.aborted ? NaN : value,
  );
  return {
    count: ends.count + ssr.length,
    params: all,
    ssr: [...ends.ssr, ...values],
    converged: [...ends.converged, ...Array.from(status, isSuccess)],
    iterations: [...ends.iterations, ...iterations],
  };
}

function searchJob(job: FitJob, init: Float64Array, fits: number): FitJob {
  return {
    ...job,
    method: 'auto',
    maxIter: Math.min(job.maxIter, searchSteps),
    careful: false,
    polish: false,
    fits,
    yShared: true,
    init,
    initShared: false,
    outputs: {
      params: init.slice(),
      ssr: new Float64Array(fits).fill(NaN),
      status: new Uint8Array(fits).fill(statusCode.aborted),
      iterations: new Uint16Array(fits),
      stdErr: null,
      covariance: null,
      r2: null,
      residuals: null,
      sums: null,
    },
  };
}

interface Minima {
  /** The start that ended lowest, and the best of those that may yet come to something lower. */
  readonly lowest: readonly number[];
  /** The starts that ended where each of them did. */
  readonly found: readonly (readonly number[])[];
}

function minima({ ssr, converged }: Ends, noise: number): Minima {
  const order = Array.from(ssr.keys()).filter((i) => !Number.isNaN(ssr[i]));
  // Ties go to the earlier start, so that the order never depends on the sort.
  order.sort((a, b) => ssr[a] - ssr[b] || a - b);
  const groups: number[][] = [];
  for (const i of order) {
    const last = groups.at(-1);
    if (last !== undefined && isSame(ssr[i], ssr[last[0]], noise)) last.push(i);
    else groups.push([i]);
  }
  const found = groups.filter(
    (group, k) =>
      k === 0 ||
      (!converged[group[0]] && ssr[group[0]] <= worthwhile * ssr[groups[0][0]] + noise),
  );
  return { lowest: found.map(([i]) => i), found };
}

const isSame = (value: number, lowest: number, noise: number): boolean =>
  value <= lowest + sameMinimum * Math.abs(lowest) + noise;

/** Fits the lowest minima in full; none of the starts being any good, the given one. */
function* fitLowest(
  job: FitJob,
  ends: Ends,
  { lowest, found }: Minima,
  noise: number,
  summary: { readonly count: number; readonly seed: number },
): Generator<Ask, StartsFit, Outcome> {
  const n = job.program.params;
  let best: { job: FitJob; outcome: Outcome; start: number } | undefined;
  const values: number[] = [];
  for (const start of lowest.length > 0 ? lowest.slice(0, candidates) : [0]) {
    const init =
      lowest.length > 0 ? ends.params.slice(start * n, (start + 1) * n) : job.init.slice();
    const full: FitJob = { ...job, init, initShared: true, outputs: freshOutputs(job, init) };
    const outcome = yield { job: full, threads: 1 };
    const value = full.outputs.ssr[0];
    values.push(value);
    if (best === undefined || value < best.job.outputs.ssr[0] || outcome.stopped !== null)
      best = { job: full, outcome, start };
    if (outcome.stopped !== null) break;
  }
  const { outcome, start, job: winner } = best!;
  const lowestValue = winner.outputs.ssr[0];
  let reached = 0;
  values.forEach((value, group) => {
    if (isSame(value, lowestValue, noise)) reached += found[group]?.length ?? 0;
  });
  return {
    job: winner,
    outcome,
    iterations: (ends.iterations[start] ?? 0) + winner.outputs.iterations[0],
    starts: { ...summary, reached },
  };
}

/** The best that there was when the search was stopped. */
function stoppedAt(job: FitJob, ends: Ends, outcome: Outcome, seed: number): StartsFit {
  const n = job.program.params;
  const { lowest, found } = minima(ends, 0);
  const outputs = freshOutputs(job, job.init);
  if (lowest.length > 0)
    outputs.params.set(ends.params.subarray(lowest[0] * n, (lowest[0] + 1) * n));
  return {
    job: { ...job, outputs },
    outcome: { ...outcome, done: 0 },
    iterations: ends.iterations[lowest[0] ?? 0] ?? 0,
    starts: { count: ends.count, reached: found[0]?.length ?? 0, seed },
  };
}

/** Outputs as the job's, with nothing in them. */
function freshOutputs({ outputs }: FitJob, init: Float64Array): FitOutputs {
  const like = (array: Float64Array | null): Float64Array | null =>
    array && new Float64Array(array.length);
  return {
    params: init.slice(),
    ssr: new Float64Array([NaN]),
    status: new Uint8Array([statusCode.aborted]),
    iterations: new Uint16Array(1),
    stdErr: like(outputs.stdErr),
    covariance: like(outputs.covariance),
    r2: like(outputs.r2),
    residuals: like(outputs.residuals),
    sums: like(outputs.sums),
  };
}

/** Σ (y/σ)² about the mean: what is left of it tells an exact fit from a minimum. */
function totalOf({ y, sigma }: FitJob): number {
  const values = Float64Array.from(y);
  return sumsOfSquares(values, values, sigma && Float64Array.from(sigma)).total;
}
