// What a program can be asked for, however it is run: by generated code (generate.ts), by the
// interpreter (interpret.ts), or as a callback (callback.ts).

/** Columns of one data set: predictors and derived columns, each with the offset of its first point. */
export interface DataColumns {
  /** One per data slot of the program. */
  readonly columns: Float64Array[];
  /** Where the first point stands in each column. */
  readonly offsets: number[];
}

/** What a loss makes of one point (portable/optim/losses.ts). */
export interface PointLoss {
  /** Whether generated code may do by itself what huber's `apply` does. */
  readonly isHuber: boolean;
  leastCurvature: number;
  readonly cost: number;
  readonly influence: number;
  readonly square: number;
  readonly factor: number;
  readonly residual: number;
  apply(r: number, y: number, f: number): void;
}

export interface Observations {
  y: Float64Array;
  yOffset: number;
  /** 1/σ per point, or null. */
  weights: Float64Array | null;
  weightOffset: number;
  /** null where squares are summed */
  loss: PointLoss | null;
}

export interface Evaluator {
  /** Fills the derived data columns [predictors, dataSlots) for `points` points. */
  prepare(data: DataColumns, points: number): void;
  /**
   * Sums of the products of all pairs of columns of [J, r], r = (y − f)·w, packed by rows. With a
   * loss the rows are what it makes of them, Σr² is the sum of the loss, and Σψ², Σs² and Σr² follow.
   */
  accumulate(
    params: Float64Array,
    data: DataColumns,
    observed: Observations,
    points: number,
    sums: Float64Array,
  ): void;
  /** f and, if wanted, the Jacobian (points × columns, row-major). */
  evaluate(
    params: Float64Array,
    data: DataColumns,
    points: number,
    value: Float64Array,
    jacobian: Float64Array | null,
  ): void;
}
