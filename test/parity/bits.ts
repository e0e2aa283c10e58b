// Comparison of arrays bit for bit, and awkward doubles. NaN equals NaN whatever its payload.

export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): string | null {
  if (a.length !== b.length) return `lengths ${a.length} and ${b.length}`;
  for (let i = 0; i < a.length; i++)
    if (!Object.is(a[i], b[i])) return `element ${i}: ${a[i]} and ${b[i]}`;
  return null;
}

/** A small generator of 32-bit words (xorshift, Marsaglia 2003), so that failures repeat. */
export function words(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export const awkward: readonly number[] = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, 2, -2, 2.5, 3, -3, 10, 15, 100, NaN, Infinity, -Infinity,
  Number.MIN_VALUE, -Number.MIN_VALUE, 2 ** -1022, 2 ** -1074 * 3, Number.MAX_VALUE, -Number.MAX_VALUE,
  2 ** 52, 2 ** 52 + 1, 2 ** 53, -(2 ** 53), 2 ** 31, 2 ** 63, 1 - 2 ** -53, 1 + 2 ** -52,
  Math.PI, Math.PI / 2, Math.PI / 4, -Math.PI, 1e5, 1e22, 1e300, 709.782712893384, 709.79, -708.5, -745.13, -745.14,
  -746, 708, 22, -22, 27, 6, -6, 1e-8, 1e-16, -1e-300, 0.41421356237309503, 88.5,
];

/** `count` doubles: the awkward ones, random bit patterns, and numbers of everyday size. */
export function doubles(count: number, seed: number): Float64Array {
  const next = words(seed);
  const out = new Float64Array(count);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < count; i++) {
    if (i % 8 === 0) out[i] = awkward[next() % awkward.length]!;
    else if (i % 2 === 0) bits.set([next(), next()], 2 * i);
    else out[i] = (next() / 2 ** 32 - 0.5) * 10 ** ((next() % 9) - 4);
  }
  return out;
}
