// A delimited text file into columns, one pass, without holding the file: UTF-8 or UTF-16, with or
// without a byte order mark, any line ending, quotes, the delimiter of the header unless given.
// Rows that cannot be used are counted, and the first is remembered with its line.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import Papa from 'papaparse';
import { UsageError } from './failure.ts';
import { readNumber } from './number-text.ts';

/** What a header makes the reader keep: positions of columns in the header. */
export interface Selection {
  readonly numbers: readonly number[];
  /** Positions, among `numbers`, of columns that must be greater than 0. */
  readonly positive: ReadonlySet<number>;
  readonly label: number | null;
}

export interface Source {
  /** A path, or '-' for standard input. */
  readonly path: string;
  readonly delimiter: string | null;
  readonly skipBadRows: boolean;
  /** Chooses columns once the header is known; throws UsageError where it does not fit. */
  readonly select: (columns: readonly string[]) => Selection;
  /** Bytes read so far, and all of them where that is known. */
  readonly onProgress: (done: number, total: number | null) => void;
}

export interface Table {
  readonly rows: number;
  /** As long as `rows`, in the order of `Selection.numbers`. */
  readonly numbers: readonly Float64Array[];
  /** Position in `labels` of each row; null where there is no label column. */
  readonly groupOf: Uint32Array | null;
  readonly labels: readonly string[];
  readonly skippedRows: number;
}

/** Least characters per piece handed to the parser, which looks for its delimiter in the first. */
const pieceLength = 1 << 18;
const firstCapacity = 1 << 12;

/** How messages call it. */
export function sourceName(path: string): string {
  return path === '-' ? 'standard input' : basename(path);
}

export async function readTable(source: Source): Promise<Table> {
  const name = sourceName(source.path);
  const total = source.path === '-' ? null : await sizeOf(source.path);
  const bytes =
    source.path === '-' ? process.stdin : createReadStream(source.path, { highWaterMark: 1 << 20 });
  const rows = new RowCollector(name, source);
  const text = Readable.from(
    decode(bytes, name, (done) => source.onProgress(done, total), rows),
    { highWaterMark: 2 },
  );
  await new Promise<void>((resolve, reject) => {
    Papa.parse<string[], NodeJS.ReadableStream>(text, {
      delimiter: source.delimiter ?? delimiterIn,
      chunk: (results) => {
        const fault = results.errors.find((error) => error.type === 'Quotes');
        if (fault) throw new UsageError(quoteFault(name, fault.code, rows.line));
        for (const cells of results.data) rows.take(cells);
      },
      complete: () => resolve(),
      error: (error: Error) => {
        text.destroy();
        reject(error);
      },
    });
  });
  return rows.finish();
}

/** What separates columns, the likeliest first where a header holds as many of several. */
const delimiters: readonly string[] = ['\t', ';', '|', ','];

/** The delimiter that the header holds most of, outside of quotes: the first line has no decimals. */
function delimiterIn(text: string): string {
  const header = /^(?:\s*[\r\n])?(.*)/.exec(text.replace(/"[^"]*"/g, ''))![1];
  let best = ',',
    most = 0;
  for (const delimiter of delimiters) {
    const found = header.split(delimiter).length - 1;
    if (found > most) [best, most] = [delimiter, found];
  }
  return best;
}

function quoteFault(name: string, code: string, line: number): string {
  return code === 'MissingQuotes'
    ? `${name}: a quoted cell that opens after line ${line} is never closed`
    : `${name}: a quoted cell after line ${line} has text behind its closing quote`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`${path} is a folder, not a file`);
    return found.size;
  } catch (error) {
    throw error instanceof UsageError ? error : readFault(path, error);
  }
}

function readFault(name: string, error: unknown): UsageError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new UsageError(`${name} does not exist`);
  if (code === 'EACCES' || code === 'EPERM')
    return new UsageError(`${name} may not be read: permission denied`);
  return new UsageError(`${name} cannot be read: ${(error as Error).message}`);
}

async function* decode(
  bytes: AsyncIterable<Buffer>,
  name: string,
  onBytes: (done: number) => void,
  rows: RowCollector,
): AsyncGenerator<string> {
  let decoder: StringDecoder | null = null;
  let piece = '';
  let done = 0;
  try {
    for await (const chunk of bytes) {
      if (decoder === null) {
        const wide = chunk.length > 1 && chunk[0] === 0xff && chunk[1] === 0xfe;
        decoder = new StringDecoder(wide ? 'utf16le' : 'utf8');
        if (!wide && chunk.subarray(0, 1024).includes(0)) {
          throw new UsageError(`${name} is not a text file in UTF-8 or UTF-16`);
        }
        // the mark that spreadsheets write in front of the first name
        piece = decoder.write(chunk).replace(/^\ufeff/, '');
      } else {
        piece += decoder.write(chunk);
      }
      done += chunk.length;
      if (piece.length >= pieceLength) {
        rows.quoted ||= piece.includes('"');
        yield piece;
        piece = '';
        onBytes(done);
      }
    }
  } catch (error) {
    throw error instanceof UsageError ? error : readFault(name, error);
  }
  piece += decoder?.end() ?? '';
  rows.quoted ||= piece.includes('"');
  onBytes(done);
  if (piece !== '') yield piece;
}

class RowCollector {
  /** Set once a quote was seen: only then can a cell hold a line break. */
  quoted = false;
  /** Lines taken so far. */
  line = 0;
  readonly #name: string;
  readonly #source: Source;
  #columns: readonly string[] | null = null;
  #selection: Selection = { numbers: [], positive: new Set(), label: null };
  #numbers: Float64Array[] = [];
  #groupOf: Uint32Array = new Uint32Array(0);
  #cells: Float64Array = new Float64Array(0);
  readonly #labels: string[] = [];
  readonly #groups = new Map<string, number>();
  #lastLabel: string | null = null;
  #lastGroup = -1;
  #rows = 0;
  #badRows = 0;
  #firstBad = '';

  constructor(name: string, source: Source) {
    this.#name = name;
    this.#source = source;
  }

  take(cells: string[]): void {
    this.line++;
    const line = this.line;
    if (this.quoted) this.line += lineBreaks(cells);
    if (cells.length === 1 && cells[0].trim() === '') return;
    if (this.#columns === null) this.#takeHeader(cells);
    else this.#takeRow(cells, line);
  }

  finish(): Table {
    if (this.#columns === null) throw new UsageError(`${this.#name} is empty`);
    const total = this.#rows + this.#badRows;
    if (total === 0) throw new UsageError(`${this.#name} holds a header and no rows`);
    if (this.#badRows > 0 && (this.#rows === 0 || !this.#source.skipBadRows)) {
      const count =
        this.#badRows === 1 ? '' : ` (the first of ${this.#badRows} rows that cannot be used)`;
      const advice =
        this.#rows === 0 ? '; no row is left' : '; --skip-bad-rows leaves such rows out';
      throw new UsageError(`${this.#name}, ${this.#firstBad}${count}${advice}`);
    }
    const rows = this.#rows;
    return {
      rows,
      numbers: this.#numbers.map((column) => column.subarray(0, rows)),
      groupOf: this.#selection.label === null ? null : this.#groupOf.subarray(0, rows),
      labels: this.#labels,
      skippedRows: this.#badRows,
    };
  }

  #takeHeader(cells: string[]): void {
    this.#columns = cells.map((cell) => cell.trim());
    this.#selection = this.#source.select(this.#columns);
    this.#cells = new Float64Array(this.#selection.numbers.length);
    this.#numbers = this.#selection.numbers.map(() => new Float64Array(firstCapacity));
    this.#groupOf = new Uint32Array(firstCapacity);
  }

  #takeRow(cells: string[], line: number): void {
    const { numbers, positive, label } = this.#selection;
    if (
      cells.length > this.#columns!.length &&
      cells.slice(this.#columns!.length).some((cell) => cell.trim() !== '')
    ) {
      return this.#refuse(
        line,
        `the row has ${cells.length} cells, the header ${this.#columns!.length}`,
      );
    }
    for (let k = 0; k < numbers.length; k++) {
      const text = (cells[numbers[k]] ?? '').trim();
      const value = readNumber(text);
      if (!Number.isFinite(value))
        return this.#refuse(line, this.#cellFault(numbers[k], text, value));
      if (!(value > 0) && positive.has(k)) {
        return this.#refuse(
          line,
          `column '${this.#columns![numbers[k]]}' is ${text}, and sigma must be greater than 0`,
        );
      }
      this.#cells[k] = value;
    }
    let group = 0;
    if (label !== null) {
      const text = (cells[label] ?? '').trim();
      if (text === '') return this.#refuse(line, `column '${this.#columns![label]}' is empty`);
      group = this.#groupOfLabel(text);
    }
    if (this.#rows === this.#groupOf.length) this.#grow();
    this.#groupOf[this.#rows] = group;
    for (let k = 0; k < numbers.length; k++) this.#numbers[k][this.#rows] = this.#cells[k];
    this.#rows++;
  }

  #refuse(line: number, why: string): void {
    if (this.#badRows++ === 0) this.#firstBad = `line ${line}: ${why}`;
  }

  #cellFault(column: number, text: string, value: number): string {
    const name = this.#columns![column];
    if (text === '') return `column '${name}' is empty`;
    if (!Number.isNaN(value))
      return `column '${name}' holds '${text}', which is not a finite number`;
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const comma = /^[-+]?\d+,\d+([eE][-+]?\d+)?$/.test(text)
      ? ' (decimals are written with a point)'
      : '';
    return `column '${name}' holds '${shown}', which is not a number${comma}`;
  }

  #groupOfLabel(text: string): number {
    if (text === this.#lastLabel) return this.#lastGroup;
    let group = this.#groups.get(text);
    if (group === undefined) {
      // a copy: a cell is a slice that would keep its whole piece of the file alive
      const label = Buffer.from(text).toString();
      group = this.#labels.push(label) - 1;
      this.#groups.set(label, group);
    }
    this.#lastLabel = text;
    this.#lastGroup = group;
    return group;
  }

  #grow(): void {
    const capacity = this.#groupOf.length * 2;
    const groupOf = new Uint32Array(capacity);
    groupOf.set(this.#groupOf);
    this.#groupOf = groupOf;
    this.#numbers = this.#numbers.map((column) => {
      const wider = new Float64Array(capacity);
      wider.set(column);
      return wider;
    });
  }
}

function lineBreaks(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) count++;
  }
  return count;
}
