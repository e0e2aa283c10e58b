// Exact arithmetic on exponents: rounding to an integer by a magic number, powers of two, and the
// exponent field of a double. The native twin has the same quantities from integer instructions.

/** 1.5 · 2^52: adding and subtracting it rounds |x| < 2^51 to the nearest integer, ties to even. */
export const roundingMagic: number = 6755399441055744;

/** Index of 2^0 in `powersOfTwo`. */
export const powersOfTwoOrigin: number = 1074;

/** 2^k at index k + 1074, for k from -1074 to 1023. */
export const powersOfTwo: Float64Array = new Float64Array(2098);
for (let k = 0, power = 2 ** -1022; k < 1022; k++, power *= 2) {
  powersOfTwo[k + 52] = power;
}
for (let k = 0, power = 1; k < 1024; k++, power *= 2) powersOfTwo[k + 1074] = power;
for (let k = 52; k > 0; k--) powersOfTwo[k - 1] = powersOfTwo[k] / 2;

const doubleView = new Float64Array(1);
const wordView = new Int32Array(doubleView.buffer);
doubleView[0] = 1;
const highIndex = wordView[0] === 0 ? 1 : 0;

/** The upper 32 bits of a double: sign, exponent and the first 20 bits of the fraction. */
export function highWord(x: number): number {
  doubleView[0] = x;
  return wordView[highIndex];
}

/** p·2^k with one rounding, for |k| ≤ 1100 and p near 1, even where 2^k is not a double. */
export function scaleInTwoSteps(p: number, k: number): number {
  const half = k * 0.5 + roundingMagic - roundingMagic;
  return (
    p *
    powersOfTwo[(half + powersOfTwoOrigin) | 0] *
    powersOfTwo[(k - half + powersOfTwoOrigin) | 0]
  );
}
