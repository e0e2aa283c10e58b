// Covariances of a fit with shared parameters, from the undamped block-arrow system, and the
// parameters that the data cannot tell apart.
//
// With the eliminated rows [Wᵢ, Vᵢ] of set i and the triangle T of the shared parameters:
//   C₀ = (TᵀT)⁻¹,  Cᵢ = (WᵢᵀWᵢ)⁻¹ + Kᵢ·C₀·Kᵢᵀ,  Cᵢ₀ = −Kᵢ·C₀  with Kᵢ = Wᵢ⁻¹·Vᵢ
// (inverse of a block matrix by its Schur complement; Golub & Van Loan 2013, section 2.1).

import { ArrowSystem, slopesInto, type ArrowShape } from './arrow-system.ts';

/** Unknowns, by index, of which only combinations are determined; one alone has no influence. */
export type Combination = readonly number[];

/**
 * A remainder of a unit column at or below this many roundings per column is none: the triangles
 * come from orthogonal transformations, whose errors are a small multiple of the rounding unit.
 */
const rankTolerance = 32 * 2 ** -52;

/** Entries of a null vector, for columns of length 1, below this share of its largest are noise. */
const shareTolerance = 1e-3;

export class ArrowCovariance {
  /** Empty where the rank is full. */
  readonly combinations: readonly Combination[];
  readonly #shape: ArrowShape;
  readonly #system: ArrowSystem;
  readonly #fixed: Uint8Array;
  /** Length of every column. */
  readonly #length: Float64Array;
  /** (TᵀT)⁻¹, shared × shared. */
  readonly #shared: Float64Array;

  /** @param fixed unknowns that a bound holds, by 1: they have no variance */
  constructor(shape: ArrowShape, triangles: Float64Array, fixed: Uint8Array) {
    this.#shape = shape;
    this.#fixed = fixed;
    this.#system = new ArrowSystem(shape);
    this.#system.reduce(triangles, null, fixed);
    const gradient = new Float64Array(fixed.length),
      curvature = new Float64Array(fixed.length);
    slopesInto(triangles, shape, { gradient, curvature });
    this.#length = curvature.map((c) => Math.sqrt(c));
    this.combinations = [...this.#localCombinations(), ...this.#sharedCombinations()];
    this.#shared = this.combinations.length > 0 ? new Float64Array(0) : this.#invertTop();
  }

  /**
   * The covariance without its factor of the parameters of one set, local ones first and then the
   * shared, as a square matrix by rows; NaN in rows and columns of what a bound holds, and
   * everywhere where the rank is not full.
   */
  ofSet(set: number): Float64Array {
    const { locals, shared } = this.#shape;
    const n = locals + shared;
    const out = new Float64Array(n * n);
    if (this.combinations.length > 0) return out.fill(NaN);
    const { rows } = this.#system;
    const columns = n + 1;
    const at = set * locals * columns;
    const c = this.#shared;
    /** Solves Wᵢ·z = b for a column b. */
    const backSolve = (b: Float64Array): Float64Array => {
      for (let k = locals - 1; k >= 0; k--) {
        let value = b[k]!;
        for (let j = k + 1; j < locals; j++) value -= rows[at + k * columns + j]! * b[j]!;
        b[k] = value / rows[at + k * columns + k]!;
      }
      return b;
    };
    const inverse = Array.from({ length: locals }, (_, j) => {
      const unit = new Float64Array(locals);
      unit[j] = 1;
      return backSolve(unit);
    });
    const gain = Array.from({ length: shared }, (_, j) =>
      backSolve(
        Float64Array.from({ length: locals }, (_v, k) => rows[at + k * columns + locals + j]!),
      ),
    );
    for (let a = 0; a < shared; a++)
      for (let b = 0; b < shared; b++)
        out[(locals + a) * n + locals + b] = c[a * shared + b]!;
    for (let i = 0; i < locals; i++) {
      for (let b = 0; b < shared; b++) {
        let value = 0;
        for (let a = 0; a < shared; a++) value -= gain[a]![i]! * c[a * shared + b]!;
        out[i * n + locals + b] = value;
        out[(locals + b) * n + i] = value;
      }
      for (let j = 0; j <= i; j++) {
        let value = 0;
        for (let k = i; k < locals; k++) value += inverse[k]![i]! * inverse[k]![j]!;
        for (let b = 0; b < shared; b++) value -= out[i * n + locals + b]! * gain[b]![j]!;
        out[i * n + j] = value;
        out[j * n + i] = value;
      }
    }
    for (let i = 0; i < n; i++)
      if (this.#fixed[this.#system.unknown(set, i)] === 1)
        for (let j = 0; j < n; j++) out[i * n + j] = out[j * n + i] = NaN;
    return out;
  }

  /** (TᵀT)⁻¹ of the shared parameters, by rows. */
  ofShared(): Float64Array {
    const { shared } = this.#shape;
    if (this.combinations.length > 0) return new Float64Array(shared * shared).fill(NaN);
    const out = this.#shared.slice();
    for (let i = 0; i < shared; i++)
      if (this.#fixed[i] === 1)
        for (let j = 0; j < shared; j++) out[i * shared + j] = out[j * shared + i] = NaN;
    return out;
  }

  /** Columns of a set that depend on earlier ones of it. */
  #localCombinations(): Combination[] {
    const { sets, locals, shared } = this.#shape;
    const columns = locals + shared + 1;
    const found: Combination[] = [];
    for (let set = 0; set < sets; set++)
      for (let k = 0; k < locals; k++) {
        const unknown = shared + set * locals + k;
        const at = set * locals * columns;
        const pivot = this.#system.rows[at + k * columns + k]!;
        if (this.#isFree(unknown, pivot, columns)) continue;
        const length = (j: number): number => this.#length[unknown - k + j]!;
        const names = dependence(this.#system.rows, at, columns, k, length);
        found.push([...names.map((j) => unknown - k + j), unknown]);
      }
    return found;
  }

  /** Shared columns that depend on earlier ones and on local ones. */
  #sharedCombinations(): Combination[] {
    const { sets, locals, shared } = this.#shape;
    const { top, rows } = this.#system;
    const width = shared + 1,
      columns = locals + width;
    const found: Combination[] = [];
    for (let k = 0; k < shared; k++) {
      if (this.#isFree(k, top[k * width + k]!, columns)) continue;
      const z = nullVector(top, 0, width, k);
      const size = (j: number): number => Math.abs(z[j]!) * this.#length[j]!;
      let largest = 0;
      for (let j = 0; j <= k; j++) largest = Math.max(largest, size(j));
      const names: number[] = [];
      for (let j = 0; j <= k; j++) if (size(j) > shareTolerance * largest) names.push(j);
      // The local parameters that would make up for it in some set.
      const involved = new Set<number>();
      for (let set = 0; set < sets; set++) {
        const at = set * locals * columns;
        const local = new Float64Array(locals);
        for (let i = locals - 1; i >= 0; i--) {
          let value = 0;
          for (let j = 0; j <= k; j++) value -= rows[at + i * columns + locals + j]! * z[j]!;
          for (let j = i + 1; j < locals; j++) value -= rows[at + i * columns + j]! * local[j]!;
          const pivot = rows[at + i * columns + i]!;
          local[i] = pivot === 0 ? 0 : value / pivot;
          const unknown = shared + set * locals + i;
          const share = Math.abs(local[i]!) * this.#length[unknown]! * Math.sqrt(sets);
          if (!(share > shareTolerance * largest) || involved.has(i)) continue;
          involved.add(i);
          names.push(unknown);
        }
      }
      found.push(names);
    }
    return found;
  }

  #isFree(unknown: number, pivot: number, columns: number): boolean {
    return (
      this.#fixed[unknown] === 1 ||
      Math.abs(pivot) > rankTolerance * columns * this.#length[unknown]!
    );
  }

  #invertTop(): Float64Array {
    const { shared } = this.#shape;
    const { top } = this.#system;
    const width = shared + 1;
    const inverse = Array.from({ length: shared }, (_, j) => {
      const column = new Float64Array(shared);
      column[j] = 1;
      for (let k = j; k >= 0; k--) {
        let value = column[k]!;
        for (let i = k + 1; i <= j; i++) value -= top[k * width + i]! * column[i]!;
        column[k] = value / top[k * width + k]!;
      }
      return column;
    });
    const out = new Float64Array(shared * shared);
    for (let i = 0; i < shared; i++)
      for (let j = 0; j <= i; j++) {
        let value = 0;
        for (let k = i; k < shared; k++) value += inverse[k]![i]! * inverse[k]![j]!;
        out[i * shared + j] = out[j * shared + i] = value;
      }
    return out;
  }
}

/** z with R·z = 0 for a column k that the ones before it explain; z_k = −1. */
function nullVector(r: Float64Array, at: number, columns: number, k: number): Float64Array {
  const z = new Float64Array(k + 1);
  z[k] = -1;
  for (let i = k - 1; i >= 0; i--) {
    let value = r[at + i * columns + k]!;
    for (let j = i + 1; j < k; j++) value -= r[at + i * columns + j]! * z[j]!;
    const pivot = r[at + i * columns + i]!;
    z[i] = pivot === 0 ? 0 : value / pivot;
  }
  return z;
}

/** Columns before k that take part in its combination. */
function dependence(
  r: Float64Array,
  at: number,
  columns: number,
  k: number,
  length: (j: number) => number,
): number[] {
  const z = nullVector(r, at, columns, k);
  const size = Array.from(z, (value, j) => Math.abs(value) * length(j));
  const largest = Math.max(...size);
  return size.flatMap((value, j) => (j < k && value > shareTolerance * largest ? [j] : []));
}
