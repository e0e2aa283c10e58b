// The closed list of least-squares methods. The position is the number that crosses to the native
// engine; native/optim/methods.h holds the same list in the same order.

export const leastSquaresMethods = [
  'auto', // lm on the normal equations, and what a fit's own numbers ask for
  'lm', // Levenberg–Marquardt
  'trf', // trust region reflective
  'dogbox', // dogleg in a box
  'gauss-newton', // undamped, with a line search
] as const;

export type LeastSquaresMethod = (typeof leastSquaresMethods)[number];
