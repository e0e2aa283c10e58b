// The same fit again with something changed: a parameter held at a value (profile likelihood), or
// other rows of data (bootstrap). What was decided once stays: engine, options, scale of the loss.

import type { FitJob, Floats } from '../engine/engine.ts';
import { threads } from '../engine/select.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { CommonSettings } from './options.ts';
import { settleStarts } from './params.ts';
import type { Problem } from './problem.ts';
import { runFits, runFitsAsync } from './rescale.ts';
import { limitStatus, programFor, singleJob } from './single-job.ts';
import { applyTies } from './ties.ts';
import { allocate } from './validate.ts';

export interface RefitChanges {
  /** Parameters that keep a value, by position. */
  readonly fixed?: ReadonlyMap<number, number>;
  /** Where to start, all parameters; default: the start of the fit. */
  readonly init?: Float64Array;
}

export interface Refit {
  /** All parameters, tied ones included. */
  readonly params: Float64Array;
  /** The minimised number. */
  readonly chi2: number;
  /** Code of `statuses`. */
  readonly status: number;
}

/** Data in place of the fit's own; what is not given is the fit's own, for every row. */
export interface RefitRows {
  readonly fits: number;
  /** fits × points, or by `offsets`. */
  readonly y: Floats;
  /**
   * fits + 1 positions in y, x and sigma, where rows differ in length: x is needed then, and sigma
   * where the fit has one.
   */
  readonly offsets?: Uint32Array;
  /** One array per predictor, laid out as y. */
  readonly x?: readonly Floats[];
  /** Laid out as y. */
  readonly sigma?: Floats;
  /** Start of all rows, all parameters; default: the start of the fit. */
  readonly init?: Float64Array;
}

export interface RefitRowsOutcome {
  /** fits × parameters, tied ones included */
  readonly params: Float64Array;
  readonly chi2: Float64Array;
  readonly status: Uint8Array;
}

/** Fits again, with the same options, under other conditions. */
export interface Refits {
  refit(changes: RefitChanges): Refit;
  refitRows(rows: RefitRows): Promise<RefitRowsOutcome>;
}

/** @param lossScale C of the loss as the fit ended with it */
export function refitsOf(
  problem: Problem,
  settings: CommonSettings,
  lossScale: number | null,
): Refits {
  const { params, engine } = problem;
  const jobFrom = (init: Float64Array, varying: readonly number[]): FitJob => ({
    ...singleJob({ ...problem, program: programFor(problem, varying), init }, settings, false),
    lossScale: lossScale === null ? null : Float64Array.of(lossScale),
  });
  const begin = (given: Float64Array | undefined): Float64Array => {
    const init = (given ?? problem.init).slice();
    settleStarts(params, init, null);
    return init;
  };
  return {
    refit({ fixed, init }) {
      const start = begin(init);
      fixed?.forEach((value, k) => (start[k] = value));
      applyTies(params.ties, start);
      const varying = params.varying.filter((k) => fixed?.has(k) !== true);
      const job = jobFrom(start, varying);
      const { outputs } = job;
      // With nothing left to vary there is one evaluation.
      const maxIter = varying.length === 0 ? 0 : job.maxIter;
      runFits(engine, { ...job, maxIter }, { threads: 1, maxSeconds: Infinity });
      applyTies(params.ties, outputs.params);
      const status = limitStatus(settings, outputs.status[0]);
      return { params: outputs.params, chi2: outputs.ssr[0], status };
    },
    async refitRows(rows) {
      const start = begin(rows.init);
      const n = start.length;
      const job = rowsJob(jobFrom(start, params.varying), rows, n);
      await runFitsAsync(engine, job, {
        threads: threads(),
        maxSeconds: Infinity,
        progressEveryMs: 100,
      });
      const { outputs } = job;
      for (let i = 0; i < rows.fits; i++) {
        applyTies(params.ties, outputs.params.subarray(i * n, (i + 1) * n));
        outputs.status[i] = limitStatus(settings, outputs.status[i]);
      }
      return { params: outputs.params, chi2: outputs.ssr, status: outputs.status };
    },
  };
}

function rowsJob(job: FitJob, { fits, y, offsets, x, sigma }: RefitRows, params: number): FitJob {
  return {
    ...job,
    fits,
    points: offsets === undefined ? job.points : 0,
    offsets: offsets ?? null,
    x: x ?? job.x,
    xShared: x === undefined,
    y,
    sigma: sigma ?? job.sigma,
    sigmaShared: sigma === undefined,
    outputs: {
      params: allocate(fits * params, 'samples').fill(NaN),
      ssr: allocate(fits, 'samples').fill(NaN),
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
