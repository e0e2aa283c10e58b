// The closed list of outcomes. The position is the code in result arrays; native/optim/status.h
// holds the same list in the same order.

export const statuses = [
  'ftol', // actual and predicted relative reductions of the sum of squares are both at most ftol
  'xtol', // the relative step in scaled norm is at most xtol
  'gtol', // the cosine between the residuals and every column of the Jacobian is at most gtol
  'exact', // the sum of squares is zero
  'maxIter',
  'maxEval',
  'maxSeconds',
  'aborted',
  'stoppedByCallback',
  'diverged', // a parameter or the sum of squares left the range of doubles
  'notFinite', // value or derivative not finite at the start
  'lineSearchFailed',
  'singular',
  'noProgress', // no step lowers the sum of squares, and the gradient is not small
] as const;

export type Status = (typeof statuses)[number];

export const statusCode: Readonly<Record<Status, number>> = Object.fromEntries(
  statuses.map((status, code) => [status, code]),
) as Record<Status, number>;

/** Codes up to this one are successes. */
export const lastSuccess = 3;
