// Functions that the language defines exactly, under the names of the native twin: results are
// determined to the last bit by ECMAScript, so the built-in ones serve.

/** The largest integer not above x; keeps −0. */
export const floor: (x: number) => number = Math.floor;
/** The smallest integer not below x; −0 for −1 < x < 0. */
export const ceil: (x: number) => number = Math.ceil;
/** The integer part, with the sign of x. */
export const trunc: (x: number) => number = Math.trunc;
/** The nearest integer, halves towards +∞; −0 for −0.5 ≤ x < 0. */
export const round: (x: number) => number = Math.round;
/** −1, −0, +0, 1 or NaN. */
export const sign: (x: number) => number = Math.sign;
/** The lesser; NaN if either is; −0 is less than +0. */
export const minimum: (a: number, b: number) => number = Math.min;
/** The greater; NaN if either is; +0 is greater than −0. */
export const maximum: (a: number, b: number) => number = Math.max;

/** a − n·b, exactly, n the integer part of a / b; has the sign of a. */
export function remainder(a: number, b: number): number {
  return a % b;
}
