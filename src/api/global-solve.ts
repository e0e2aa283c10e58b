// How globalFit comes to its minimum: first the sets are fitted by themselves with the shared
// parameters held, side by side as lanes, for a few steps; then all parameters together. Where that
// does not converge, once more from the starts as they were given, and the lower one counts.

import type { FitJob, FitMethod } from '../engine/engine.ts';
import { ArrowSolver, running } from '../arrow/arrow-solver.ts';
import { unknownsOf } from '../arrow/arrow-system.ts';
import { statusCode } from '../portable/optim/status.ts';
import { GlobalEvaluator, jobOf, outputsOf } from './global-evaluate.ts';
import type { GlobalProblem, GlobalSettings } from './global-data.ts';
import { isSuccess } from './result.ts';
import { programFor } from './single-job.ts';

/** What the driver is asked for: to run a job, or to see whether to go on (null). */
export type GlobalAsk = FitJob | null;

/** Why the driver ends the run, as a status code; `running` goes on. */
export type GlobalAnswer = number;

export interface GlobalSolution {
  readonly evaluator: GlobalEvaluator;
  readonly solver: ArrowSolver;
  readonly status: number;
  readonly iterations: number;
  readonly evaluations: number;
}

/** Steps of the sets by themselves. */
const separateSteps = 10;

export function* solveGlobal(
  problem: GlobalProblem,
  method: FitMethod,
  settings: GlobalSettings,
): Generator<GlobalAsk, GlobalSolution, GlobalAnswer> {
  const evaluator = new GlobalEvaluator(problem, method, settings.numerics === 'fast');
  const { localVarying, sharedVarying } = problem;
  const begin = problem.init.slice();
  let evaluations = 0;
  const hasSeparate = localVarying.length > 0 && sharedVarying.length > 0;
  if (hasSeparate) {
    const job = separateJob(problem, method, settings, begin);
    const stopped = yield job;
    if (stopped === running) keepBetter(begin, job);
    evaluations += job.outputs.iterations.reduce((most, i) => Math.max(most, i + 1), 0);
  }
  const first = yield* solveFrom(problem, evaluator, settings, begin);
  const add = (one: GlobalSolution, more: GlobalSolution | null): GlobalSolution => ({
    ...one,
    iterations: one.iterations + (more?.iterations ?? 0),
    evaluations: one.evaluations + (more?.evaluations ?? 0) + evaluations,
  });
  const isInterrupted =
    first.status === statusCode.maxSeconds || first.status === statusCode.stoppedByCallback;
  if (isSuccess(first.status) || isInterrupted || !hasSeparate) return add(first, null);
  const second = yield* solveFrom(problem, evaluator, settings, problem.init);
  const isBetter =
    second.solver.baseValue < first.solver.baseValue ||
    (Number.isNaN(first.solver.baseValue) && !Number.isNaN(second.solver.baseValue));
  return isBetter ? add(second, first) : add(first, second);
}

function separateJob(
  problem: GlobalProblem,
  method: FitMethod,
  settings: GlobalSettings,
  init: Float64Array,
): FitJob {
  const { params, source, program } = problem;
  const { ftol, xtol, gtol, maxIter } = settings;
  const parts = { source, params, program };
  return {
    ...jobOf(problem, { ...method, method: 'auto', careful: false, polish: false }, false),
    program: programFor(parts as Parameters<typeof programFor>[0], problem.localVarying),
    ftol,
    xtol,
    gtol,
    maxIter: Math.min(maxIter, separateSteps),
    init,
    outputs: outputsOf(init, problem.sets),
  };
}

/** Sets that could not be evaluated keep their starts. */
function keepBetter(begin: Float64Array, { outputs, fits }: FitJob): void {
  const n = begin.length / fits;
  for (let set = 0; set < fits; set++) {
    const row = outputs.params.subarray(set * n, (set + 1) * n);
    if (outputs.status[set] !== statusCode.notFinite && row.every(Number.isFinite))
      begin.set(row, set * n);
  }
}

function* solveFrom(
  problem: GlobalProblem,
  evaluator: GlobalEvaluator,
  settings: GlobalSettings,
  begin: Float64Array,
): Generator<GlobalAsk, GlobalSolution, GlobalAnswer> {
  const { shape } = evaluator;
  const { lower, upper, hasBounds } = problem.params;
  const unknowns = (values: Float64Array): Float64Array => {
    const out = new Float64Array(unknownsOf(shape));
    const all = new Float64Array(shape.sets * values.length);
    for (let set = 0; set < shape.sets; set++) all.set(values, set * values.length);
    evaluator.unknownsInto(all, out);
    return out;
  };
  const { ftol, xtol, gtol, maxIter } = settings;
  const bounds = {
    lower: hasBounds ? unknowns(lower) : null,
    upper: hasBounds ? unknowns(upper) : null,
  };
  const solver = new ArrowSolver(shape, { ftol, xtol, gtol, maxIter, ...bounds }, false);
  evaluator.unknownsInto(begin, solver.x);
  let status: number = running;
  while (status === running) {
    let stopped: number = running;
    let value: number;
    if (solver.isAccurate) {
      const evaluation = evaluator.accurateInto(solver.x, solver.triangles);
      let piece = evaluation.next();
      while (piece.done !== true && stopped === running) {
        stopped = yield null;
        piece = evaluation.next();
      }
      value = piece.done === true ? piece.value : NaN;
    } else {
      stopped = yield evaluator.jobAt(solver.x);
      value = evaluator.cheapInto(solver.triangles);
    }
    status = stopped === running ? solver.advance(value) : stopped;
  }
  const { iteration: iterations, evaluations } = solver;
  return { evaluator, solver, status, iterations, evaluations };
}
