// The native binary: what it exports, and loading it. node-gyp-build looks in prebuilds/ and in
// build/Release of the package. Nothing is loaded before it is asked for, and a binary that is
// missing, truncated, for another platform or forbidden by policy is a reason, not an error.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Floats, Simd } from './engine.ts';

declare const programBrand: unique symbol;
declare const jobBrand: unique symbol;
/** What createProgram returns; freed when it is collected. */
export type ProgramHandle = { readonly [programBrand]: true };
/** What startFit returns. */
export type JobHandle = { readonly [jobBrand]: true };

/** Arguments of `fit`, and after `onDone` of `startFit`. */
export type FitArguments = [
  program: ProgramHandle,
  /** The record of `numberFields`. */
  numbers: Float64Array,
  y: Floats,
  sigma: Floats | null,
  offsets: Uint32Array | null,
  init: Float64Array,
  lower: Float64Array | null,
  upper: Float64Array | null,
  xScale: Float64Array | null,
  lossScale: Float64Array | null,
  params: Float64Array,
  ssr: Float64Array,
  status: Uint8Array,
  iterations: Uint16Array,
  stdErr: Float64Array | null,
  covariance: Float64Array | null,
  r2: Float64Array | null,
  residuals: Float64Array | null,
  sums: Float64Array | null,
  ...x: readonly Floats[],
];

/**
 * Positions in the record of numbers (twin: NumberField in native/addon/fit-arguments.h). Flags are
 * 0 or 1. `fit` writes the last two: the number of fits that came to a status of their own, and the
 * code of the status with which the job was stopped, or -1.
 */
export const numberFields = {
  fits: 0,
  points: 1,
  xShared: 2,
  sigmaShared: 3,
  initShared: 4,
  ftol: 5,
  xtol: 6,
  gtol: 7,
  maxIter: 8,
  covarianceFactor: 9,
  fused: 10,
  yShared: 11,
  method: 12,
  loss: 13,
  polish: 14,
  careful: 15,
  geodesic: 16,
  pseudoInverse: 17,
  threads: 18,
  maxSeconds: 19,
  done: 20,
  stopCode: 21,
} as const;

export const numberFieldCount = 22;

/** Every function checks its arguments and throws a TypeError,
  RangeError or Error with a `code`. */
export interface Addon {
  /** The instruction set in use, its doubles per vector, and all that this machine can run. */
  info(): { simd: Simd; lanes: number; targets: Simd[] };
  /** Uses the best instruction set that is not above the named one, in this environment. */
  setTarget(name: string): void;
  createProgram(words: Int32Array, constants: Float64Array): ProgramHandle;
  /** Runs at once and in place. */
  fit(...args: FitArguments): void;
  /**
   * Runs on other threads, on copies of the inputs. The first 2 MB are copied before it returns, the
   * rest by bringData. The results are for deliverResults to bring, once onDone was called.
   */
  startFit(onDone: (done: number, stopCode: number) => void, ...args: FitArguments): JobHandle;
  /**
   * Copies the next slice of the inputs; true when it is to be called again, in a later turn. An
   * array that is gone stops the job.
   */
  bringData(job: JobHandle): boolean;
  /**
   * Copies the next slice of the results; true when it is to be called again, in a later turn.
   * Throws when an array is gone (ERR_DETACHED) or was gone in bringData.
   */
  deliverResults(job: JobHandle): boolean;
  jobDone(job: JobHandle): number;
  cancelJob(job: JobHandle, statusCode: number): void;
  evaluate(
    program: ProgramHandle,
    points: number,
    params: Float64Array,
    value: Float64Array,
    jacobian: Float64Array | null,
    ...x: readonly Floats[]
  ): void;
  /** One operation of the op table, element by element. */
  apply(
    op: number,
    fused: 0 | 1,
    out: Float64Array,
    a: Float64Array,
    b: Float64Array | null,
    c: Float64Array | null,
  ): void;
}

export type Loaded = { readonly addon: Addon; readonly path: string } | { readonly fault: string };

let loaded: Loaded | undefined;

/** The binary of this package, or the reason why there is none; the first answer stands. */
export function loadAddon(): Loaded {
  loaded ??= loadAddonFrom(fileURLToPath(new URL('../..', import.meta.url)));
  return loaded;
}

/** The binary of the package in the folder `root`. */
export function loadAddonFrom(root: string): Loaded {
  try {
    const require = createRequire(import.meta.url);
    const find = require('node-gyp-build') as ((root: string) =>
      Addon) & { path(root: string): string };
    const path = find.path(root);
    if (isCutShort(path)) return { fault: `the binary is cut short: ${path}` };
    return { addon: find(root), path };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { fault: `the binary could not be loaded: ${message.split('\n')[0]}` };
  }
}

/**
 * Whether an ELF file ends before its section table, which stands last. The loader of Linux maps
 * such a file without a look at its size and the process dies (SIGBUS); other loaders refuse it.
 */
function isCutShort(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(64);
    if (readSync(file, header, 0, 64, 0) < 64 ||
      header.readUInt32BE(0) !== 0x7f454c46) return false;
    const is64Bit = header[4] === 2, isLittleEndian = header[5] === 1;
    if (!is64Bit || !isLittleEndian) return false;
    const table = header.readBigUInt64LE(0x28);
    const tableBytes = header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
    return table + BigInt(tableBytes) > BigInt(fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}
