// Finding a column by its name.

import { UsageError } from './failure.ts';
import { readNumber } from './number-text.ts';
import { didYouMean, nameList } from './suggest.ts';

/** @throws UsageError where it is not there, or twice */
export function columnPosition(
  name: string,
  option: string,
  columns: readonly string[],
  file: string,
): number {
  const at = columns.indexOf(name);
  if (at < 0) {
    const only = columns.length === 1;
    const listing = only
      ? `its only column is '${columns[0]}' (--delimiter says what separates columns)`
      : `its columns are ${nameList(columns)}`;
    const noHeader = columns.every((column) => Number.isFinite(readNumber(column)))
      ? ' (the first line must hold the names of the columns)'
      : '';
    const hint = didYouMean(name, columns);
    throw new UsageError(
      `${option}: column '${name}' is not in ${file}; ${listing}${noHeader}.${hint}`,
    );
  }
  if (columns.indexOf(name, at + 1) >= 0) {
    throw new UsageError(`${option}: ${file} has more than one column '${name}'`);
  }
  return at;
}
