// Results as CSV, JSON and newline-delimited JSON, in pieces, so that a million groups need no
// string of a million lines. Numbers are written with all the digits that restore their bits.

import type { FitRow, FitRows } from './fit-rows.ts';
import type { OutFormat } from './fit-request.ts';

/** Rows per piece of output. */
const rowsPerPiece = 1000;

export function* formatRows(rows: FitRows, format: OutFormat): Generator<string> {
  if (format === 'csv') yield* pieces(rows, csvLine, csvHeader(rows), '');
  else if (format === 'ndjson') yield* pieces(rows, (row) => `${JSON.stringify(row)}\n`, '', '');
  else {
    let separator = '';
    const element = (row: FitRow): string => {
      const text = `${separator}  ${JSON.stringify(row)}`;
      separator = ',\n';
      return text;
    };
    yield* pieces(rows, element, '[\n', '\n]\n');
  }
}

function* pieces(
  rows: FitRows,
  line: (row: FitRow, rows: FitRows) => string,
  head: string,
  tail: string,
): Generator<string> {
  let piece = head;
  let count = 0;
  for (const fit of rows.fits) {
    piece += line(rows.row(fit), rows);
    if (++count % rowsPerPiece === 0) {
      yield piece;
      piece = '';
    }
  }
  yield piece + tail;
}

function csvHeader(rows: FitRows): string {
  const cells = rows.by === null ? [] : [rows.by];
  for (const name of rows.paramNames) {
    cells.push(name, `${name}_stderr`);
    if (rows.level !== null) cells.push(`${name}_lower`, `${name}_upper`);
  }
  cells.push('ssr', 'dof', 'r2', 'points', 'iterations', 'status');
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvLine(row: FitRow, rows: FitRows): string {
  const cells = row.group === null ? [] : [csvCell(row.group)];
  for (const name of rows.paramNames) {
    cells.push(csvNumber(row.params[name]), csvNumber(row.stdErr[name]));
    if (row.intervals !== undefined) cells.push(...row.intervals[name].map(csvNumber));
  }
  cells.push(
    csvNumber(row.ssr),
    String(row.dof),
    csvNumber(row.r2),
    String(row.points),
    String(row.iterations),
    row.status,
  );
  return `${cells.join(',')}\n`;
}

/** What is not known is an empty cell. */
function csvNumber(value: number | null): string {
  return value === null || Number.isNaN(value) ? '' : String(value);
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
