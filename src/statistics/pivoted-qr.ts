// Thin QR with column pivoting of a tall matrix whose columns are scaled to length 1 (Golub & Van
// Loan 2013, section 5.4.2), by modified Gram–Schmidt done twice, which keeps the columns of Q
// orthogonal to rounding.

export interface PivotedQr {
  /** Length of every column before scaling. */
  readonly lengths: Float64Array;
  /** Columns in the order of their choice; as many as the numerical rank. */
  readonly chosen: readonly number[];
  /** Columns of length 0. */
  readonly zero: readonly number[];
  /** Columns that the chosen ones explain. */
  readonly rest: readonly number[];
  /** Column of Q for each chosen column. */
  readonly q: readonly Float64Array[];
  /** r[k][j]: coefficient of the k-th column of Q in column j of the scaled matrix. */
  readonly r: readonly Float64Array[];
}

/**
 * @param matrix points × columns, row-major
 * @param tolerance a remainder of a unit column at or below this counts as rounding
 * @param mustStop leaves out the weakest column where all of them would be chosen
 * @returns null when the matrix is not finite
 */
export function pivotedQr(
  matrix: Float64Array,
  points: number,
  columns: number,
  tolerance: number,
  mustStop: boolean = false,
): PivotedQr | null {
  const work: Float64Array[] = [];
  const lengths = new Float64Array(columns);
  const zero: number[] = [];
  const rest: number[] = [];
  for (let j = 0; j < columns; j++) {
    const column = new Float64Array(points);
    for (let i = 0; i < points; i++) column[i] = matrix[i * columns + j];
    const length = norm(column);
    if (!Number.isFinite(length)) return null;
    lengths[j] = length;
    work.push(column);
    if (length === 0) {
      zero.push(j);
      continue;
    }
    divide(column, length);
    rest.push(j);
  }

  const chosen: number[] = [];
  const q: Float64Array[] = [];
  const r: Float64Array[] = [];
  while (rest.length > 0) {
    let best = 0,
      length = -1;
    rest.forEach((j, at) => {
      const remainder = norm(work[j]);
      if (remainder > length) [best, length] = [at, remainder];
    });
    const isLast = mustStop && rest.length === 1 && zero.length === 0;
    if (chosen.length > 0 && (length <= tolerance || isLast)) break;
    if (length === 0) break;
    const [j] = rest.splice(best, 1);
    const row = new Float64Array(columns);
    row[j] = length;
    divide(work[j], length);
    for (let pass = 0; pass < 2; pass++)
      for (const other of rest) {
        const share = dot(work[j], work[other]);
        row[other] += share;
        for (let i = 0; i < points; i++) work[other][i] -= share * work[j][i];
      }
    chosen.push(j);
    q.push(work[j]);
    r.push(row);
  }
  return { lengths, chosen, zero, rest, q, r };
}

/** Coefficients of the chosen columns that make up `column`: R₁₁·c = R₁₂. */
export function coefficientsOf({ chosen, r }: PivotedQr, column: number): Float64Array {
  const c = new Float64Array(chosen.length);
  for (let k = chosen.length - 1; k >= 0; k--) {
    let sum = r[k][column];
    for (let l = k + 1; l < chosen.length; l++) sum -= r[k][chosen[l]] * c[l];
    c[k] = sum / r[k][chosen[k]];
  }
  return c;
}

/** Euclidean norm, scaled by the largest entry against overflow. */
function norm(v: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < v.length; i++) {
    const a = Math.abs(v[i]);
    if (!(a <= largest)) largest = a;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / largest) * (v[i] / largest);
  return largest * Math.sqrt(sum);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function divide(v: Float64Array, by: number): void {
  for (let i = 0; i < v.length; i++) v[i] /= by;
}
