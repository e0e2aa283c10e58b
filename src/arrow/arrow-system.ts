// Linear least squares with a block-arrow Jacobian: sets of points that each have parameters of
// their own (local), and parameters that all sets share.
//
//   minimise Σᵢ ‖rᵢ − Lᵢ·δᵢ − Mᵢ·δ₀‖² + Σⱼ (dⱼ·δⱼ)²
//
// Every set comes as the triangle Rᵢ of [Lᵢ, Mᵢ, rᵢ]. Its local columns are eliminated by Givens
// rotations; what is left of all sets is one small triangle for the shared parameters, which is
// solved first (Golub & Plemmons 1980, "Large-scale geodetic least-squares adjustment by dissection
// and orthogonal decomposition"; the Schur complement of the normal equations, without forming
// them). Time and memory are linear in the number of sets.
//
// Unknowns are ordered: shared ones, then those of set 0, set 1 and so on. Triangles are packed by
// columns, local ones first, as RowTriangle has them: (i, j), i ≤ j, stands at j(j + 1)/2 + i.

export interface ArrowShape {
  readonly sets: number;
  /** Parameters of each set. */
  readonly locals: number;
  /** Parameters of all sets together. */
  readonly shared: number;
}

export const unknownsOf = ({ sets, locals, shared }: ArrowShape): number => shared + sets * locals;

/** Values of the triangle of one set. */
export function triangleSize({ locals, shared }: ArrowShape): number {
  const columns = locals + shared + 1;
  return (columns * (columns + 1)) / 2;
}

export class ArrowSystem {
  readonly shape: ArrowShape;
  /** Per set: the eliminated local rows, locals × columns, over local, shared and right side. */
  readonly rows: Float64Array;
  /** What is left for the shared parameters and the right side, (shared + 1)² by rows. */
  readonly top: Float64Array;
  readonly #columns: number;
  /** The triangle of one set, columns² by rows, and one more row. */
  readonly #work: Float64Array;
  readonly #extra: Float64Array;

  constructor(shape: ArrowShape) {
    const { sets, locals, shared } = shape;
    const columns = locals + shared + 1;
    this.shape = shape;
    this.rows = new Float64Array(sets * locals * columns);
    this.top = new Float64Array((shared + 1) * (shared + 1));
    this.#columns = columns;
    this.#work = new Float64Array(columns * columns);
    this.#extra = new Float64Array(columns);
  }

  /**
   * Eliminates the local columns.
   * @param damping d by unknown; null counts as 0
   * @param fixed unknowns whose step is 0, by 1
   */
  reduce(triangles: Float64Array, damping: Float64Array | null, fixed: Uint8Array): void {
    const { sets, locals, shared } = this.shape;
    const columns = this.#columns,
      work = this.#work,
      extra = this.#extra,
      top = this.top;
    top.fill(0);
    for (let set = 0, at = 0; set < sets; set++) {
      work.fill(0);
      for (let j = 0; j < columns; at += ++j) {
        if (j < columns - 1 && fixed[this.unknown(set, j)] === 1) continue;
        for (let i = 0; i <= j; i++) work[i * columns + j] = triangles[at + i]!;
      }
      for (let k = 0; k < locals; k++) {
        const unknown = this.unknown(set, k);
        const d = fixed[unknown] === 1 ? 1 : damping === null ? 0 : damping[unknown]!;
        if (d === 0) continue;
        extra.fill(0);
        extra[k] = d;
        for (let j = k; j < locals; j++) rotate(work, j * columns + j, extra, j, columns - j);
        this.#add(extra, locals);
      }
      this.rows.set(work.subarray(0, locals * columns), set * locals * columns);
      for (let i = locals; i < columns; i++) this.#add(work, i * columns + locals);
    }
    extra.fill(0);
    for (let k = 0; k < shared; k++) {
      const d = fixed[k] === 1 ? 1 : damping === null ? 0 : damping[k]!;
      if (d === 0) continue;
      extra.fill(0, 0, shared + 1);
      extra[k] = d;
      this.#add(extra, 0);
    }
  }

  /** δ of the reduced system; 0 where a pivot is 0. */
  solveInto(step: Float64Array): void {
    const { sets, locals, shared } = this.shape;
    const columns = this.#columns,
      width = shared + 1,
      top = this.top,
      rows = this.rows;
    for (let k = shared - 1; k >= 0; k--) {
      let value = top[k * width + shared]!;
      for (let j = k + 1; j < shared; j++) value -= top[k * width + j]! * step[j]!;
      const pivot = top[k * width + k]!;
      step[k] = pivot === 0 ? 0 : value / pivot;
    }
    for (let set = 0; set < sets; set++) {
      const first = shared + set * locals;
      for (let k = locals - 1; k >= 0; k--) {
        const row = (set * locals + k) * columns;
        let value = rows[row + columns - 1]!;
        for (let j = 0; j < shared; j++) value -= rows[row + locals + j]! * step[j]!;
        for (let j = k + 1; j < locals; j++) value -= rows[row + j]! * step[first + j]!;
        const pivot = rows[row + k]!;
        step[first + k] = pivot === 0 ? 0 : value / pivot;
      }
    }
  }

  /** Position of column j of a set among the unknowns. */
  unknown(set: number, j: number): number {
    const { locals, shared } = this.shape;
    return j < locals ? shared + set * locals + j : j - locals;
  }

  /** Takes a row over the shared columns and the right side into the triangle; overwrites it. */
  #add(row: Float64Array, at: number): void {
    const width = this.shape.shared + 1;
    for (let k = 0; k < width; k++) rotate(this.top, k * width + k, row, at + k, width - k);
  }
}

/** Rotates `count` values of two rows so that the first of b becomes 0. */
function rotate(a: Float64Array, i: number, b: Float64Array, j: number, count: number): void {
  const y = b[j]!;
  if (y === 0) return;
  const x = a[i]!;
  let c: number, s: number;
  // As LAPACK's rotg: the larger of the two divides, so that no square overflows.
  if (Math.abs(x) >= Math.abs(y)) {
    const t = y / x;
    c = 1 / Math.sqrt(1 + t * t);
    s = c * t;
  } else {
    const t = x / y;
    s = 1 / Math.sqrt(1 + t * t);
    c = s * t;
  }
  for (let k = 0; k < count; k++) {
    const p = a[i + k]!,
      q = b[j + k]!;
    a[i + k] = c * p + s * q;
    b[j + k] = c * q - s * p;
  }
  b[j] = 0;
}

/** Sums over the triangles that tests and ratios need, by unknown. */
export interface ArrowSlopes {
  /** Jᵀr */
  readonly gradient: Float64Array;
  /** Squared length of every column of J. */
  readonly curvature: Float64Array;
}

/** Fills gradient and curvature; false when anything is not finite. */
export function slopesInto(
  triangles: Float64Array,
  { sets, locals, shared }: ArrowShape,
  { gradient, curvature }: ArrowSlopes,
): boolean {
  const right = locals + shared;
  const size = triangleSize({ sets, locals, shared });
  gradient.fill(0);
  curvature.fill(0);
  let total = 0;
  for (let set = 0; set < sets; set++)
    for (let j = 0, at = set * size; j < right; at += ++j) {
      const unknown = j < locals ? shared + set * locals + j : j - locals;
      const last = set * size + (right * (right + 1)) / 2;
      let g = 0,
        c = 0;
      for (let i = 0; i <= j; i++) {
        const value = triangles[at + i]!;
        g += value * triangles[last + i]!;
        c += value * value;
      }
      gradient[unknown] = gradient[unknown]! + g;
      curvature[unknown] = curvature[unknown]! + c;
      total += g + c;
    }
  return total - total === 0;
}

/** Σ‖rᵢ‖² − Σ‖rᵢ − Jᵢδ‖², formed without the difference of the two. */
export function predictedReduction(
  triangles: Float64Array,
  { sets, locals, shared }: ArrowShape,
  step: Float64Array,
): number {
  const right = locals + shared;
  const size = triangleSize({ sets, locals, shared });
  let total = 0;
  for (let set = 0; set < sets; set++) {
    const at = set * size,
      first = shared + set * locals,
      last = at + (right * (right + 1)) / 2;
    for (let i = 0; i < right; i++) {
      // u = (J·δ)ᵢ in the coordinates of the triangle: r² − (r − u)² = u·(2r − u)
      let u = 0;
      for (let j = i; j < right; j++)
        u +=
          triangles[at + (j * (j + 1)) / 2 + i]! *
          (j < locals ? step[first + j]! : step[j - locals]!);
      total += u * (2 * triangles[last + i]! - u);
    }
  }
  return total;
}
