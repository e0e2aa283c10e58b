// What the careful solver is told and what it asks for. A driver loops:
//
//   const solver = new CarefulSolver(n, options);
//   solver.start(x0, 0);
//   do {
//     // evaluate at solver.x whatever solver.want names, fill solver.triangle if wanted
//   } while (solver.advance(value) === running);
//   // solver.base, solver.baseValue, solver.finish() → rank, conditionNumber, covarianceInto …
//
// The triangle is R of [J, r] = Q·R over all points, packed by columns: element (i, j), i ≤ j,
// stands at j(j + 1)/2 + i, and column n belongs to r. Signs are those of a curve fit,
// r(x + δ) ≈ r − Jδ: for residual functions pass −r and ∂r/∂x. linalg/qr.ts makes triangles.

/** Bits of `CarefulSolver.want`. */
export const want = {
  /** The minimised number at `x`, passed to `advance`. Not finite where there is none. */
  value: 1,
  /** The triangle of [J, r] at `x`. */
  triangle: 2,
  /**
   * The triangle of [J, a] at `base`, where a = (2/h)·((r(base) − r(x))/h − J·velocity) is the
   * second derivative of the model along `velocity`, h = `probeLength` and x = base + h·velocity;
   * `value` is ignored, but NaN says that x could not be evaluated.
   */
  curvature: 4,
} as const;

export const running = -1;

export const carefulMethods = ['lm', 'trf', 'dogbox', 'gauss-newton'] as const;
export type CarefulMethod = (typeof carefulMethods)[number];

export interface CarefulOptions {
  readonly method: CarefulMethod;
  /** Actual reduction and that of a whole Gauss–Newton step are both at most ftol·S. */
  readonly ftol: number;
  /** An undamped step is at most xtol·‖x‖ in the scaled norm. */
  readonly xtol: number;
  /** The cosine between r and every column of J is at most gtol. */
  readonly gtol: number;
  /** Most steps tried, polishing not counted. */
  readonly maxIter: number;
  /** n values each, ±Infinity where there is no bound; null for none at all. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  /** Sizes of the variables; null: from the columns of J as they come (running maximum). */
  readonly xScale: Float64Array | null;
  /** Steps follow the geodesic to second order (with lm): one more evaluation per step. */
  readonly geodesic: boolean;
  /** Go on after convergence until the variables stand still at rounding level. */
  readonly polish: boolean;
  /** Ask for the value at a trial point first, and for its triangle after acceptance only. */
  readonly lazy: boolean;
  /** Length of r: the rank is decided at points·ε. */
  readonly points: number;
  /** First trust radius, relative to ‖x‖ in the scaled norm. */
  readonly radius: number;
}
