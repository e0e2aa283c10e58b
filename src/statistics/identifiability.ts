// Which parameters cannot be told apart: QR with column pivoting of the Jacobian, its columns
// scaled to length 1 (Golub & Van Loan 2013, section 5.4.2, by modified Gram–Schmidt done twice).
// A column that the others explain gives a null vector; its large entries name the culprits.

/** A column of the Jacobian that depends on others, all by index. */
export interface Dependence {
  readonly column: number;
  /** The columns it depends on; empty when it is zero and the parameter has no influence at all. */
  readonly on: readonly number[];
}

/**
 * A remainder of a unit column below this is rounding: the normal equations that the fit was solved
 * by lose half of the digits, √ε = 1.5e-8.
 */
const rankTolerance = 2 ** -26;

/** Entries of a null vector below this share of its largest one are noise. */
const shareTolerance = 1e-3;

/**
 * @param jacobian points × columns, row-major
 * @returns at least one dependence, since it is asked for when the covariance cannot be had; none
 *   when the Jacobian is not finite
 */
export function dependences(jacobian: Float64Array, points: number, columns: number): Dependence[] {
  const q: Float64Array[] = [];
  const found: Dependence[] = [];
  const order: number[] = [];
  for (let j = 0; j < columns; j++) {
    const column = new Float64Array(points);
    for (let i = 0; i < points; i++) column[i] = jacobian[i * columns + j];
    const length = norm(column);
    if (!Number.isFinite(length)) return [];
    q.push(column);
    if (length === 0) {
      found.push({ column: j, on: [] });
      continue;
    }
    scale(column, 1 / length);
    order.push(j);
  }

  // r[k][j]: coefficient of the k-th chosen direction in column j
  const r: Float64Array[] = [];
  const chosen: number[] = [];
  const rest = order.slice();
  while (rest.length > 0) {
    let best = 0,
      length = -1;
    rest.forEach((j, at) => {
      const remainder = norm(q[j]);
      if (remainder > length) [best, length] = [at, remainder];
    });
    const isLast = rest.length === 1 && found.length === 0;
    // The engine found no covariance, so the weakest column is to blame even above the tolerance.
    if (chosen.length > 0 && (length <= rankTolerance || isLast)) break;
    const [j] = rest.splice(best, 1);
    const row = new Float64Array(columns);
    row[j] = length;
    scale(q[j], 1 / length);
    for (let pass = 0; pass < 2; pass++)
      for (const other of rest) {
        const share = dot(q[j], q[other]);
        row[other] += share;
        for (let i = 0; i < points; i++) q[other][i] -= share * q[j][i];
      }
    chosen.push(j);
    r.push(row);
  }
  for (const column of rest) found.push({ column, on: explaining(r, chosen, column) });
  return found;
}

/** Back substitution R₁₁·c = R₁₂: the chosen columns that make up `column`. */
function explaining(r: Float64Array[], chosen: number[], column: number): number[] {
  const c = new Float64Array(chosen.length);
  for (let k = chosen.length - 1; k >= 0; k--) {
    let sum = r[k][column];
    for (let l = k + 1; l < chosen.length; l++) sum -= r[k][chosen[l]] * c[l];
    c[k] = sum / r[k][chosen[k]];
  }
  const largest = c.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return chosen.filter((_, k) => Math.abs(c[k]) > shareTolerance * largest).sort((a, b) => a - b);
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

function scale(v: Float64Array, factor: number): void {
  for (let i = 0; i < v.length; i++) v[i] *= factor;
}
