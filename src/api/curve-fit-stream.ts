// Curves that come one after another without end: gathered into chunks, each fitted as one batch
// while the next is read. No more than two chunks are held at any time.

import { curveFitBatch } from './curve-fit-batch.ts';
import { inputError } from './errors.ts';
import { batchTable, checkSettings, readOptions } from './options.ts';
import type { BatchResult } from './result.ts';
import type { BatchOptions, Floats, Predictors, Progress } from './types.ts';
import {
  allocate,
  borrowFloats,
  count,
  describe,
  isIndexed,
  readInteger,
  readVector,
  trueLength,
  typedArrayKind,
} from './validate.ts';

/** Options of a batch, but for the data, and how many curves make a chunk. */
export type StreamOptions<N extends string, X extends Predictors<Floats> = Floats> = Omit<
  BatchOptions<N, X>,
  'y' | 'offsets' | 'out'
> & {
  /** Curves that are fitted together and returned as one result, 1 to 1,048,576. Default 1024. */
  chunk?: number;
};

const defaultChunk = 1024;
const maxChunk = 1048576;

const { y: _y, offsets: _offsets, out: _out, ...shared } = batchTable;
const streamTable = {
  ...shared,
  chunk: {
    default: defaultChunk,
    check: (value: unknown, name: string): number => readInteger(value, name, 1, maxChunk),
  },
};

/**
 * Fits one model to an endless stream of curves: rows of y in, results out, in order.
 *
 * @param rows yields arrays of y; each holds one curve of m values, or several one after another.
 *   Float64Array and Float32Array may alternate. Values are copied before the next array is asked
 *   for, so one array may be filled again and again.
 * @param o as for `curveFitBatch`, without y: `x` has the m values that all curves share; `sigma`,
 *   if it is an array, and `init` are those of every curve; `chunk` is the number of curves per
 *   result
 * @returns results of `chunk` curves each, the last of fewer. `signal` rejects the next one with its
 *   reason; `maxSeconds` and an `onProgress` that returns false end the stream after the result at
 *   hand.
 * @throws InputError at once when an option cannot be used; while iterating, where an item is no
 *   array of numbers or its length is not a multiple of m (results of the curves before it come
 *   first), and what `curveFitBatch` throws
 * @remarks Reads ahead by one chunk while another is fitted, then waits until that result is taken:
 *   memory does not grow with the input. An error of `rows` is thrown after the results of what was
 *   read before. Leaving the loop early closes `rows`. A curve that cannot be fitted concerns no
 *   other: its `status` says why.
 * @example
 * async function* measured() {
 *   for (let k = 1; k <= 3; k++) yield Float64Array.from([0, 1, 2, 3], (x) => k * Math.exp(-x));
 * }
 * const stream = curveFitStream(measured(), {
 *   x: Float64Array.of(0, 1, 2, 3),
 *   model: (x, p) => p.a * Math.exp(-p.k * x), params: { a: 1, k: 0.5 }, chunk: 2,
 * });
 * for await (const batch of stream) console.log(batch.column('a'));
 */
export function curveFitStream<N extends string, X extends Predictors<Floats> = Floats>(
  rows: AsyncIterable<Floats> | Iterable<Floats>,
  o: StreamOptions<N, X>,
): AsyncIterableIterator<BatchResult<N>> {
  const settings = readOptions('curveFitStream', streamTable, o);
  checkSettings({ ...settings, y: undefined });
  const points = pointsOf(settings.x);
  checkShared(settings.sigma, 'sigma', points);
  checkShared(settings.weights, 'weights', points);
  const options = o as unknown as StreamOptions<string>;
  return results(open(rows), options, settings.chunk, points) as AsyncIterableIterator<
    BatchResult<N>
  >;
}

type Rows = AsyncIterator<unknown> | Iterator<unknown>;

function open(rows: unknown): Rows {
  if (typeof rows === 'object' && rows !== null && typedArrayKind(rows) === undefined) {
    const source = rows as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    if (typeof source[Symbol.asyncIterator] === 'function') return source[Symbol.asyncIterator]!();
    if (typeof source[Symbol.iterator] === 'function') return source[Symbol.iterator]!();
  }
  throw inputError(
    'ERR_TYPE',
    'rows',
    `expected an async iterable of Float64Array or Float32Array, got ${describe(rows)}`,
  );
}

/** Points of a curve, from x. */
function pointsOf(x: unknown): number {
  const all = isIndexed(x, 'x') ? [['x', x] as const] : Object.entries(namedArrays(x));
  let points = 0;
  for (const [path, values] of all) {
    const { length } = borrowFloats(values, path);
    if (length === 0 || (points > 0 && length !== points))
      throw inputError(
        'ERR_SHAPE',
        path,
        points === 0
          ? 'expected at least one value, got none'
          : `expected ${count(points, 'value')} as the other predictors, got ${length}`,
      );
    points = length;
  }
  return points;
}

function namedArrays(x: unknown): Record<string, unknown> {
  if (typeof x !== 'object' || x === null || Object.keys(x).length === 0)
    throw inputError(
      'ERR_TYPE',
      'x',
      `expected a Float64Array or Float32Array, or one for each predictor, got ${describe(x)}`,
    );
  return Object.fromEntries(Object.entries(x).map(([name, values]) => [`x.${name}`, values]));
}

/** What weighs the points must be the same for every curve. */
function checkShared(given: unknown, argument: string, points: number): void {
  if (given === undefined || typeof given === 'number') return;
  const { length } = borrowFloats(given, argument);
  if (length !== points)
    throw inputError('ERR_SHAPE', argument, `expected ${count(points, 'value')}, got ${length}`);
}

interface Chunk {
  /** null where there is no further curve. */
  readonly y: Float64Array | null;
  /** What ended the input early; thrown once the curves before it are fitted. */
  readonly fault?: { readonly error: unknown };
  readonly isLast: boolean;
}

/** Reads arrays and hands out chunks; keeps what an array holds beyond a chunk. */
class ChunkReader {
  readonly #rows: Rows;
  readonly #points: number;
  readonly #size: number;
  readonly #stopped: Promise<never>;
  /** An array that began in the chunk before, and how much of it is used. */
  #left: Floats | null = null;
  #used = 0;
  #items = 0;
  /** Whether the source has been asked for something that has not come yet. */
  #isWaiting = false;
  #isDone = false;

  constructor(rows: Rows, points: number, chunk: number, stopped: Promise<never>) {
    this.#rows = rows;
    this.#points = points;
    this.#size = chunk * points;
    this.#stopped = stopped;
  }

  async read(): Promise<Chunk> {
    let y: Float64Array | null = null;
    let filled = 0;
    const part = (): Float64Array | null => (filled === 0 ? null : y!.slice(0, filled));
    while (filled < this.#size) {
      if (this.#left === null) {
        try {
          this.#left = await this.#next();
          this.#used = 0;
        } catch (error) {
          return { y: part(), fault: { error }, isLast: true };
        }
        if (this.#left === null) return { y: part(), isLast: true };
      }
      y ??= allocate(this.#size, 'chunk');
      const taken = Math.min(this.#size - filled, this.#left.length - this.#used);
      y.set(this.#left.subarray(this.#used, this.#used + taken), filled);
      filled += taken;
      this.#used += taken;
      if (this.#used === this.#left.length) this.#left = null;
      // The source may fill its array again while this chunk is fitted.
      else if (this.#used === taken) this.#left = this.#left.slice();
    }
    return { y, isLast: false };
  }

  /** Tells the source that no more is wanted; does not wait for one that is silent. */
  async close(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    const closing = Promise.resolve(this.#rows.return?.());
    if (this.#isWaiting) closing.catch(() => {});
    else await closing;
  }

  /** The next array with at least one curve; null at the end. */
  async #next(): Promise<Floats | null> {
    this.#isWaiting = true;
    const step = await Promise.race([this.#ask(), this.#stopped]);
    this.#isWaiting = false;
    if (step.done === true) {
      this.#isDone = true;
      return null;
    }
    const path = `rows[${this.#items++}]`;
    const value: unknown = step.value;
    const kind = typedArrayKind(value);
    const values =
      kind === 'Float64Array' || kind === 'Float32Array'
        ? borrowFloats(value, path)
        : readVector(value, path, -1, '', true);
    const length = trueLength(values);
    if (length === 0 || length % this.#points !== 0)
      throw inputError(
        'ERR_SHAPE',
        path,
        `expected ${this.#points} values per curve, or a multiple, got ${length}`,
      );
    return values;
  }

  async #ask(): Promise<IteratorResult<unknown>> {
    try {
      return await this.#rows.next();
    } catch (error) {
      // A source that has thrown has ended.
      this.#isDone = true;
      throw error;
    }
  }
}

async function* results(
  rows: Rows,
  o: StreamOptions<string>,
  chunk: number,
  points: number,
): AsyncGenerator<BatchResult<string>, void, undefined> {
  const { chunk: _chunk, ...options } = o;
  const { signal, onProgress, maxSeconds = Infinity } = options;
  const started = performance.now();
  let abort: () => void = () => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal!.reason as Error);
  });
  stopped.catch(() => {});
  signal?.addEventListener('abort', abort, { once: true });
  const reader = new ChunkReader(rows, points, chunk, stopped);
  let finished = 0;
  const progress = (p: Progress): boolean | void =>
    onProgress!({
      ...p,
      done: finished + p.done,
      total: finished + p.total,
      elapsedSeconds: elapsed(),
    });
  const elapsed = (): number => (performance.now() - started) / 1000;
  try {
    signal?.throwIfAborted();
    let reading = reader.read();
    for (;;) {
      const { y, fault, isLast } = await reading;
      if (fault !== undefined && signal?.aborted) throw fault.error;
      if (y !== null) {
        const left = Math.max(0, maxSeconds - elapsed());
        const fitting = curveFitBatch({
          ...options,
          y,
          maxSeconds: left,
          ...(onProgress === undefined ? {} : { onProgress: progress }),
        });
        if (!isLast) {
          reading = reader.read();
          // Looked at when it is its turn.
          reading.catch(() => {});
        }
        const result = await fitting;
        signal?.throwIfAborted();
        finished += result.nFits;
        yield result;
        if (result.aborted) return;
      }
      if (fault !== undefined) throw fault.error;
      if (isLast) return;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await reader.close();
  }
}
