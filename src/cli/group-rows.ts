// Rows of a table into curves: one after another, in the order in which their groups first appear,
// rows of a group in the order of the file. A counting sort, skipped where the file is sorted.

import type { Table } from './read-table.ts';

export interface Curves {
  readonly fits: number;
  /** fits + 1 positions into every column. */
  readonly offsets: Uint32Array;
  /** Columns as in `Table.numbers`, regrouped. */
  readonly columns: readonly Float64Array[];
  /** One per fit; empty where the table has no groups. */
  readonly labels: readonly string[];
}

export function groupRows(table: Table): Curves {
  const { groupOf, rows } = table;
  if (groupOf === null) {
    return { fits: 1, offsets: Uint32Array.of(0, rows), columns: table.numbers, labels: [] };
  }
  const fits = table.labels.length;
  const offsets = new Uint32Array(fits + 1);
  let isSorted = true;
  for (let row = 0; row < rows; row++) {
    offsets[groupOf[row] + 1]++;
    if (row > 0 && groupOf[row] < groupOf[row - 1]) isSorted = false;
  }
  for (let fit = 0; fit < fits; fit++) offsets[fit + 1] += offsets[fit];
  if (isSorted) return { fits, offsets, columns: table.numbers, labels: table.labels };

  const next = offsets.slice(0, fits);
  const position = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) position[row] = next[groupOf[row]]++;
  const columns = table.numbers.map((column) => {
    const grouped = new Float64Array(rows);
    for (let row = 0; row < rows; row++) grouped[position[row]] = column[row];
    return grouped;
  });
  return { fits, offsets, columns, labels: table.labels };
}

/** Points per curve where all have the same number, else 0. */
export function commonLength(offsets: Uint32Array): number {
  const length = offsets[1];
  for (let fit = 1; fit + 1 < offsets.length; fit++) {
    if (offsets[fit + 1] - offsets[fit] !== length) return 0;
  }
  return length;
}

/** The first curve of a column where every curve of it is the same, else null. */
export function sharedCurve(column: Float64Array, length: number): Float64Array | null {
  for (let i = length; i < column.length; i++) {
    if (!Object.is(column[i], column[i - length])) return null;
  }
  return column.subarray(0, length);
}
