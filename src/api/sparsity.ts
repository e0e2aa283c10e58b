// Which entries of a Jacobian can differ from zero, and groups of columns that share no row: the
// columns of a group are differenced together, by one evaluation (Curtis, Powell & Reid 1974, "On
// the estimation of sparse Jacobian matrices"). Greedy, columns with most entries first, as Coleman
// & Moré 1983 (section 3) find near the optimum.

import { inputError } from './errors.ts';
import { describe, isIndexed, isRecord } from './validate.ts';

/** Entries column by column: rows[start[j]] … rows[start[j + 1] − 1], ascending. */
export interface Sparsity {
  readonly start: Int32Array;
  readonly rows: Int32Array;
  /** Columns without a common row; every column with an entry is in one of them. */
  readonly groups: readonly Int32Array[];
}

/**
 * @param given the option jacSparsity: { rows, cols }, positions of entries in any order
 * @throws InputError where it is none
 */
export function readSparsity(given: unknown, m: number, n: number): Sparsity {
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'jacSparsity',
      `expected { rows, cols }, got ${describe(given)}`,
    );
  const rows = readIndices(given['rows'], 'jacSparsity.rows', m);
  const cols = readIndices(given['cols'], 'jacSparsity.cols', n);
  if (rows.length !== cols.length)
    throw inputError(
      'ERR_SHAPE',
      'jacSparsity.cols',
      `expected ${rows.length} values to match rows, got ${cols.length}`,
    );
  return sparsityOf(rows, cols, m, n);
}

function readIndices(given: unknown, argument: string, limit: number): Int32Array {
  if (!isIndexed(given, argument))
    throw inputError('ERR_TYPE', argument, `expected an array of indices, got ${describe(given)}`);
  const out = new Int32Array(given.length);
  for (let k = 0; k < out.length; k++) {
    const index = given[k];
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= limit)
      throw inputError(
        'ERR_RANGE',
        `${argument}[${k}]`,
        `expected an integer from 0 to ${limit - 1}, got ${describe(index)}`,
      );
    out[k] = index;
  }
  return out;
}

export function sparsityOf(
  rows: ArrayLike<number>,
  cols: ArrayLike<number>,
  m: number,
  n: number,
): Sparsity {
  const byColumn: Set<number>[] = Array.from({ length: n }, () => new Set());
  for (let k = 0; k < rows.length; k++) byColumn[cols[k]].add(rows[k]);
  const start = new Int32Array(n + 1);
  for (let j = 0; j < n; j++) start[j + 1] = start[j] + byColumn[j].size;
  const sorted = new Int32Array(start[n]);
  byColumn.forEach((set, j) => sorted.set(Int32Array.from(set).sort(), start[j]));
  return { start, rows: sorted, groups: colour(start, sorted, m, n) };
}

function colour(start: Int32Array, rows: Int32Array, m: number, n: number): Int32Array[] {
  const byRow: number[][] = Array.from({ length: m }, () => []);
  const order: number[] = [];
  for (let j = 0; j < n; j++) {
    if (start[j + 1] > start[j]) order.push(j);
    for (let k = start[j]; k < start[j + 1]; k++) byRow[rows[k]].push(j);
  }
  const size = (j: number): number => start[j + 1] - start[j];
  order.sort((a, b) => size(b) - size(a) || a - b);
  const groupOf = new Int32Array(n).fill(-1);
  /** The last column that found the group taken. */
  const taken: number[] = [];
  const groups: number[][] = [];
  for (const j of order) {
    for (let k = start[j]; k < start[j + 1]; k++)
      for (const other of byRow[rows[k]]) if (groupOf[other] >= 0) taken[groupOf[other]] = j;
    let group = 0;
    while (group < groups.length && taken[group] === j) group++;
    if (group === groups.length) groups.push([]);
    groups[group].push(j);
    groupOf[j] = group;
  }
  return groups.map((columns) => Int32Array.from(columns).sort());
}

/** Every entry may differ from zero: each column is a group of its own. */
export function dense(m: number, n: number): Sparsity {
  const rows = Int32Array.from({ length: m }, (_, i) => i);
  const all = new Int32Array(m * n);
  for (let j = 0; j < n; j++) all.set(rows, j * m);
  return {
    start: Int32Array.from({ length: n + 1 }, (_, j) => j * m),
    rows: all,
    groups: Array.from({ length: n }, (_, j) => Int32Array.of(j)),
  };
}
