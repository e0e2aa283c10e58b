// The order in which sums over data points are formed, on every engine.
//
// Points are added one after another in blocks of 128; block totals are combined pairwise, as a
// binary counter does (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 4.1).
// Why this order: a lane or a register holds one running sum per quantity, blocks can be summed
// anywhere, and blocks of zeros may follow without changing a bit.

export const blockPoints = 128;

/** Adds blocks of `width` sums each. */
export class PairwiseSum {
  readonly width: number;
  /** The sums of the block at hand, to be filled before `push`. */
  readonly block: Float64Array;
  #levels: Float64Array[] = [];
  #blocks = 0;

  constructor(width: number) {
    this.width = width;
    this.block = new Float64Array(width);
  }

  clear(): void {
    this.#blocks = 0;
  }

  push(): void {
    const { block, width } = this;
    let level = 0;
    for (let count = this.#blocks; (count & 1) === 1; count >>>= 1, level++) {
      const older = this.#levels[level]!;
      for (let k = 0; k < width; k++) block[k] = older[k]! + block[k]!;
    }
    const place = (this.#levels[level] ??= new Float64Array(width));
    place.set(block);
    this.#blocks++;
  }

  totalInto(sums: Float64Array): void {
    sums.fill(0);
    let first = true;
    for (let count = this.#blocks, level = 0; count > 0; count >>>= 1, level++) {
      if ((count & 1) === 0) continue;
      const part = this.#levels[level]!;
      for (let k = 0; k < this.width; k++) sums[k] = first ? part[k]! : part[k]! + sums[k]!;
      first = false;
    }
  }
}
