// Seeded random numbers: xoshiro256++ (Blackman & Vigna 2021), its state filled by SplitMix64
// (Steele, Lea & Flood 2014). The 64-bit words are pairs of 32-bit ones, high word first.

import { log } from '../portable/math/log.ts';

const two32 = 4294967296;
/** Spacing of the uniform numbers: 53 bits. */
const spacing: number = 2 ** -53;

/** A source of random numbers that depends on its seed alone. */
export class Random {
  /** Four 64-bit words. */
  readonly #state: Uint32Array = new Uint32Array(8);
  #high: number = 0;
  #low: number = 0;
  #spare: number = NaN;

  /** @param seed an integer; its remainder modulo 2⁶⁴ counts */
  constructor(seed: number) {
    let word = BigInt.asUintN(64, BigInt(seed));
    for (let k = 0; k < 4; k++) {
      word = BigInt.asUintN(64, word + 0x9e3779b97f4a7c15n);
      let z = word;
      z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
      z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
      z ^= z >> 31n;
      this.#state[2 * k] = Number(z >> 32n);
      this.#state[2 * k + 1] = Number(z & 0xffffffffn);
    }
  }

  /** The next 64 bits into #high and #low. */
  #advance(): void {
    const s = this.#state;
    const [high0, low0, high1, low1] = [s[0], s[1], s[2], s[3]];
    // result = rotate(s0 + s3, 23) + s0
    let low = low0 + s[7];
    let high = (high0 + s[6] + (low >= two32 ? 1 : 0)) >>> 0;
    low >>>= 0;
    const rotatedHigh = ((high << 23) | (low >>> 9)) >>> 0;
    const rotatedLow = ((low << 23) | (high >>> 9)) >>> 0;
    low = rotatedLow + low0;
    high = (rotatedHigh + high0 + (low >= two32 ? 1 : 0)) >>> 0;
    this.#high = high;
    this.#low = low >>> 0;

    s[4] ^= high0;
    s[5] ^= low0;
    s[6] ^= high1;
    s[7] ^= low1;
    s[2] ^= s[4];
    s[3] ^= s[5];
    s[0] ^= s[6];
    s[1] ^= s[7];
    s[4] ^= (high1 << 17) | (low1 >>> 15);
    s[5] ^= low1 << 17;
    // s3 = rotate(s3, 45): by 32, which swaps the words, and 13.
    const [high3, low3] = [s[6], s[7]];
    s[6] = (low3 << 13) | (high3 >>> 19);
    s[7] = (high3 << 13) | (low3 >>> 19);
  }

  /** Uniform on [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number {
    this.#advance();
    return (this.#high * 2097152 + (this.#low >>> 11)) * spacing;
  }

  /** Uniform among 0, 1, …, count − 1; count at most 2³². */
  below(count: number): number {
    // Words beyond the last whole multiple would favour small numbers.
    const limit = two32 - (two32 % count);
    do this.#advance();
    while (this.#high >= limit);
    return this.#high % count;
  }

  /** Standard normal, by the polar method of Marsaglia & Bray (1964). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = NaN;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1,
        v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }
}
