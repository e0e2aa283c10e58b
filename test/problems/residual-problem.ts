// A least-squares problem of the literature: residuals with their derivatives, one row at a time.

export interface ResidualProblem {
  readonly name: string;
  readonly n: number;
  readonly m: number;
  readonly start: readonly number[];
  /** Sums of squares at the minimum and at known local minima, lowest first. */
  readonly minima: readonly number[];
  /** Sums of squares that are approached as variables run to infinity. */
  readonly atInfinity?: readonly number[];
  /** r_i and its n derivatives at x, i from 0; `row` has n + 1 elements, all to be set. */
  readonly row: (i: number, x: ArrayLike<number>, row: Float64Array) => void;
}

/** Residuals and the Jacobian, row by row. */
export function evaluateProblem(
  problem: ResidualProblem, x: ArrayLike<number>, residuals: Float64Array, jacobian: Float64Array | null,
): void {
  const { n, m } = problem;
  const row = new Float64Array(n + 1);
  for (let i = 0; i < m; i++) {
    row.fill(0);
    problem.row(i, x, row);
    residuals[i] = row[0]!;
    if (jacobian !== null) for (let j = 0; j < n; j++) jacobian[i * n + j] = row[j + 1]!;
  }
}
