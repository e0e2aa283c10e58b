// A small dense matrix, row-major, as results show it.

/** A matrix of doubles, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
  /** The element of row i and column j; NaN outside the matrix. */
  get(i: number, j: number): number;
  toArray(): number[][];
}

export class DenseMatrix implements Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;

  constructor(rows: number, cols: number, data: Float64Array) {
    this.rows = rows;
    this.cols = cols;
    this.data = data;
  }

  get(i: number, j: number): number {
    const { rows, cols, data } = this;
    return i >= 0 && i < rows && j >= 0 && j < cols ? (data[i * cols + j] ?? NaN) : NaN;
  }

  toArray(): number[][] {
    const { rows, cols, data } = this;
    return Array.from({ length: rows }, (_, i) =>
      Array.from(data.subarray(i * cols, (i + 1) * cols)),
    );
  }

  toJSON(): number[][] {
    return this.toArray();
  }
}
