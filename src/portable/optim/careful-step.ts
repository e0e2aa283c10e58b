// What every kind of step offers to the careful solver.

/** Least ratio of actual to predicted reduction at which a step is accepted (MINPACK: 1e-4). */
export const minRatio = 1e-4;

export interface StepKind {
  /** δ, and x + δ within the bounds. */
  readonly step: Float64Array;
  readonly trial: Float64Array;
  /** Reduction by a whole Gauss–Newton step, and the largest cosine, at the point. */
  readonly possible: number;
  readonly cosine: number;
  /** Reduction of the local model by the step, and ‖D·δ‖. */
  readonly predicted: number;
  readonly length: number;
  /** Whether no radius, damping or line search shortened the step. */
  readonly isUndamped: boolean;
  /** Begins a run; the point has been updated. */
  start(): void;
  /** Takes in a new point. */
  arrive(): void;
  /** Fills step and trial; false when there is no step any more. */
  propose(): boolean;
  /** Takes in what the trial gave: actual is −Infinity where it could not be evaluated. */
  judge(actual: number, ratio: number): void;
}
