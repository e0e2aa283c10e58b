// What a program can be asked for, however it is run: by generated code (generate.ts), by the
// interpreter (interpret.ts), or as a callback (callback.ts).

/** Columns of one data set: predictors and derived columns, each with the offset of its first point. */
export interface DataColumns {
  /** One per data slot of the program. */
  readonly columns: Float64Array[];
  /** Where the first point stands in each column. */
  readonly offsets: number[];
}

export interface Observations {
  y: Float64Array;
  yOffset: number;
  /** 1/σ per point, or null. */
  weights: Float64Array | null;
  weightOffset: number;
}

export interface Evaluator {
  /** Fills the derived data columns [predictors, dataSlots) for `points` points. */
  prepare(data: DataColumns, points: number): void;
  /** Sums of the products of all pairs of columns of [J, r], r = (y − f)·w, packed by rows. */
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
