// The table on the terminal: one line per group, values with their standard errors.

import type { FitRow, FitRows } from './fit-rows.ts';
import { countOf, formatCount, formatMeasured, formatNumber } from './number-text.ts';
import type { Paint } from './terminal.ts';

export interface TableStyle {
  /** Columns of the terminal; Infinity where the table goes to a file or a pipe. */
  readonly width: number;
  /** Groups to show; the rest is counted in a closing line. */
  readonly maxRows: number;
  readonly paint: (paint: Paint, text: string) => string;
}

interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  readonly isRight: boolean;
  readonly width: number;
}

/** Groups shown on a terminal when more than `wholeTable` were fitted. */
const firstRows = 20;
const wholeTable = 200;
const longestLabel = 40;
const gap = '   ';

/** How many of so many groups a terminal shows. */
export function rowsToShow(groups: number, all: boolean): number {
  return all || groups <= wholeTable ? groups : firstRows;
}

export function* formatTable(rows: FitRows, style: TableStyle): Generator<string> {
  const { paint } = style;
  const shown = rows.fits.slice(0, style.maxRows).map((fit) => rows.row(fit));
  const label = rows.by === null ? [] : [column(clean(rows.by), shown, (row) => clean(row.group!))];
  const status = column('status', shown, (row) => row.status);
  const columns = [
    ...rows.paramNames.flatMap((name) => {
      const isFixed = rows.fixed.has(name);
      const values = paramColumn(name, shown, isFixed);
      return rows.level === null || isFixed
        ? [values]
        : [values, intervalColumn(name, rows.level, shown)];
    }),
    column('R²', shown, (row) => (row.r2 === null ? '–' : formatR2(row.r2))),
    { ...column('points', shown, (row) => formatCount(row.points)), isRight: true },
    status,
  ];
  const blocks = fold(label, columns, style.width);
  for (const block of blocks) {
    if (block !== blocks[0]) yield '\n';
    yield joinCells(block, (of) => paint('bold', padded(of.head, of)));
    for (let i = 0; i < shown.length; i++) {
      const outcome = shown[i].success ? 'green' : 'red';
      yield joinCells(block, (of) =>
        of === status ? paint(outcome, of.cells[i]) : padded(of.cells[i], of),
      );
    }
  }
  const left = rows.fits.length - shown.length;
  if (left > 0) {
    const counts = `… and ${formatCount(left)} more of ${countOf(rows.fits.length, 'group')}`;
    yield `${paint('dim', `${counts} (--all shows them, --out writes them to a file)`)}\n`;
  }
}

function column(head: string, rows: readonly FitRow[], cell: (row: FitRow) => string): Column {
  const cells = rows.map((row) => cell(row));
  return { head, cells, isRight: false, width: Math.max(widthOf(head), widest(cells)) };
}

/** Values and errors padded so that the ± signs stand below each other. */
function paramColumn(name: string, rows: readonly FitRow[], isFixed: boolean): Column {
  const parts = rows.map((row): [string, string] => {
    if (isFixed) return [formatNumber(row.params[name]), 'fixed'];
    if (Number.isNaN(row.params[name])) return ['–', ''];
    const [value, error] = formatMeasured(row.params[name], row.stdErr[name] ?? NaN);
    return [value, error === '' ? '± –' : `± ${error}`];
  });
  const valueWidth = widest(parts.map(([value]) => value));
  let at = 0;
  return column(clean(name), rows, () => {
    const [value, error] = parts[at++];
    return `${value.padStart(valueWidth)} ${error}`;
  });
}

/** The ends of the intervals, rounded as the value itself. */
function intervalColumn(name: string, level: number, rows: readonly FitRow[]): Column {
  return column(`${formatNumber(100 * level)} %`, rows, ({ intervals, stdErr }) => {
    const [low, high] = intervals![name];
    if (low === null && high === null) return '–';
    const end = (value: number | null): string =>
      value === null ? '–' : formatMeasured(value, stdErr[name] ?? NaN)[0];
    return `${end(low)} to ${end(high)}`;
  });
}

/** A table that is too wide is cut into blocks below each other, each with the groups' names. */
function fold(label: readonly Column[], columns: readonly Column[], width: number): Column[][] {
  const labelWidth = label.length === 0 ? 0 : label[0].width + gap.length;
  const blocks: Column[][] = [];
  let used = 0;
  for (const of of columns) {
    if (blocks.length === 0 || used + of.width > width) {
      blocks.push([...label]);
      used = labelWidth;
    }
    blocks[blocks.length - 1].push(of);
    used += of.width + gap.length;
  }
  return blocks;
}

function joinCells(block: readonly Column[], cell: (of: Column) => string): string {
  return `${block.map(cell).join(gap).trimEnd()}\n`;
}

function padded(text: string, of: Column): string {
  const space = ' '.repeat(of.width - widthOf(text));
  return of.isRight ? space + text : text + space;
}

/** Enough digits to tell good fits apart: 0.9613, 0.99987. */
function formatR2(r2: number): string {
  if (!(r2 < 1)) return '1';
  const digits = Math.min(10, Math.max(4, 2 - Number((1 - r2).toExponential(0).split('e')[1])));
  const text = r2.toFixed(digits);
  return Number(text) === 1 ? '1' : text;
}

/** Text from a file, safe to print: no control characters, and not endless. */
function clean(text: string): string {
  const safe = text.replace(/\p{Cc}/gu, '·');
  return safe.length > longestLabel ? `${safe.slice(0, longestLabel - 1)}…` : safe;
}

function widthOf(text: string): number {
  return [...text].length;
}

/** A loop, since spreading a million widths into Math.max would overflow the stack. */
function widest(cells: readonly string[]): number {
  let greatest = 0;
  for (const cell of cells) greatest = Math.max(greatest, widthOf(cell));
  return greatest;
}
