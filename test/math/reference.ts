// Reading the tables of test/data/math and measuring against them.
import { readFileSync } from 'node:fs';

/** Rows of `width` doubles: arguments, then the true value as high + low. */
export function readTable(name: string, width: number): Float64Array[] {
  const bytes = readFileSync(new URL(`../data/math/${name}.f64`, import.meta.url));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: Float64Array[] = [];
  for (let at = 0; at + 8 * width <= bytes.byteLength; at += 8 * width) {
    rows.push(Float64Array.from({ length: width }, (_, i) => view.getFloat64(at + 8 * i, true)));
  }
  return rows;
}

const view = new DataView(new ArrayBuffer(8));

/** The spacing of doubles at |x|. */
export function spacing(x: number): number {
  view.setFloat64(0, Math.abs(x));
  const field = view.getUint32(0) >>> 20;
  return 2 ** (Math.max(field, 1) - 1075);
}

/** The double `count` steps away towards +∞, or −∞ for a negative count; x not zero. */
export function step(x: number, count: number): number {
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(x > 0 ? count : -count));
  return view.getFloat64(0);
}

/** |value − (high + low)| in units of the spacing at the true value. */
export function ulpError(value: number, high: number, low: number): number {
  if (!Number.isFinite(high) || !Number.isFinite(value)) {
    return Object.is(value, high) ? 0 : Infinity;
  }
  return Math.abs(value - high - low) / spacing(high);
}

export interface WorstError {
  readonly ulp: number;
  readonly at: readonly number[];
  readonly rows: number;
}

/** The largest error of a function over its table. */
export function worstError(name: string, f: (...x: number[]) => number): WorstError {
  const arity = f.length;
  let worst: WorstError = { ulp: 0, at: [], rows: 0 };
  const table = readTable(name, arity + 2);
  for (const row of table) {
    const at = [...row.subarray(0, arity)];
    const ulp = ulpError(f(...at), row[arity], row[arity + 1]);
    if (!(ulp <= worst.ulp)) worst = { ulp, at, rows: 0 };
  }
  return { ...worst, rows: table.length };
}
