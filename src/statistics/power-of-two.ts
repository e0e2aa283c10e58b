// Scaling by powers of two, which changes the exponent of a double and nothing else.

import { highWord, powersOfTwo, powersOfTwoOrigin } from '../portable/math/scaling.ts';

/** Largest and smallest normal exponent of a double. */
const largest = 1023;
const smallest = -1022;

/** floor(log2(value)) of a normal number; −1023 for 0 and subnormal numbers. */
export function exponentOf(value: number): number {
  return ((highWord(value) >>> 20) & 0x7ff) - largest;
}

/** value · 2^k: exact, but where it overflows or becomes subnormal. */
export function timesPowerOfTwo(value: number, k: number): number {
  let result = value,
    rest = k;
  for (; rest > largest; rest -= largest) result *= powersOfTwo[powersOfTwoOrigin + largest];
  for (; rest < smallest; rest -= smallest) result *= powersOfTwo[powersOfTwoOrigin + smallest];
  return result * powersOfTwo[powersOfTwoOrigin + rest];
}
