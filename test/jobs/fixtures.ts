// Jobs to run, comparison of what they leave to the bit, and the portable engine as compiled
// files: worker threads need files that Node.js can load by itself.

import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import {
  plainMethod,
  type AsyncRunOptions,
  type CallbackModel,
  type Engine,
  type FitJob,
  type FitOutputs,
  type Floats,
} from '../../src/engine/engine.ts';
import {
  dataFile,
  fitFile,
  noOperand,
  operand,
  pointFile,
  type Program,
} from '../../src/model/program.ts';
import { ops } from '../../src/model/ops.ts';

const fit = (slot: number): number => operand(fitFile, slot);
const data = (slot: number): number => operand(dataFile, slot);
const point = (slot: number): number => operand(pointFile, slot);

function line(name: string, target: number, a: number, b: number = noOperand): number[] {
  return [ops.findIndex((op) => op.name === name), target, a, b, noOperand];
}

/** a·exp(−b·x) + c */
export const decay: Program = {
  predictors: 1,
  params: 3,
  constants: Float64Array.of(1),
  dataInstructions: 0,
  fitInstructions: 0,
  pointInstructions: 7,
  dataSlots: 1,
  fitSlots: 4,
  pointSlots: 7,
  value: point(4),
  varying: Int32Array.of(0, 1, 2),
  jacobian: Int32Array.of(point(2), point(6), fit(3)),
  code: Int32Array.from([
    ...line('mul', 0, fit(1), data(0)),
    ...line('neg', 1, point(0)),
    ...line('exp', 2, point(1)),
    ...line('mul', 3, fit(0), point(2)),
    ...line('add', 4, point(3), fit(2)),
    ...line('mul', 5, data(0), point(3)),
    ...line('neg', 6, point(5)),
  ]),
};

/** The same, with a zero added that takes 2·detours function calls to compute. */
export function slowDecay(detours: number): Program {
  const detour = [...line('exp', 7, point(7)), ...line('log', 7, point(7))];
  return {
    ...decay,
    pointInstructions: 7 + 1 + 2 * detours + 1,
    pointSlots: 9,
    value: point(8),
    code: Int32Array.from([
      ...decay.code,
      ...line('sub', 7, point(4), point(4)),
      ...Array.from({ length: detours }, () => detour).flat(),
      ...line('add', 8, point(4), point(7)),
    ]),
  };
}

/** The same, as a function that is called; `onCall` is told of every call. */
export function decayCallback(onCall: () => void = () => {}): CallbackModel {
  return {
    params: 3,
    varying: Int32Array.of(0, 1, 2),
    value: (x, p) => {
      onCall();
      return p[0]! * Math.exp(-p[1]! * x[0]!) + p[2]!;
    },
  };
}

/** Uniform numbers in [0, 1) from a seed (Marsaglia 2003, xorshift32). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What outputs hold before a job: a fit that is not run keeps it. */
export const untouched = 77;

export function outputsFor(fits: number, values: number): FitOutputs {
  const params = decay.params,
    columns = decay.varying.length;
  return {
    params: new Float64Array(fits * params).fill(untouched),
    ssr: new Float64Array(fits).fill(untouched),
    status: new Uint8Array(fits).fill(untouched),
    iterations: new Uint16Array(fits).fill(untouched),
    stdErr: new Float64Array(fits * params).fill(untouched),
    covariance: new Float64Array(fits * columns * columns).fill(untouched),
    r2: new Float64Array(fits).fill(untouched),
    residuals: new Float64Array(values).fill(untouched),
    sums: null,
  };
}

export interface Shape {
  readonly points?: number;
  /** One curve after another, of 20 to 20 + points points. */
  readonly ragged?: boolean;
  readonly ownX?: boolean;
  readonly sigma?: 'none' | 'shared' | 'own';
  readonly ownInit?: boolean;
  /** How arrays of doubles are made. */
  readonly allocate?: (length: number) => Float64Array;
  readonly single?: boolean;
}

/** Noisy decays; the same for the same shape. */
export function decayJob(
  fits: number,
  shape: Shape = {},
  program: FitJob['program'] = decay,
): FitJob {
  const { points = 64, ragged = false, sigma = 'none', ownInit = false, single = false } = shape;
  const ownX = ragged || shape.ownX === true;
  const allocate = shape.allocate ?? ((length: number) => new Float64Array(length));
  const random = uniform(4711);
  const offsets = ragged ? new Uint32Array(fits + 1) : null;
  if (offsets !== null)
    for (let k = 0; k < fits; k++)
      offsets[k + 1] = offsets[k]! + 20 + Math.floor(points * random());
  const values = offsets === null ? fits * points : offsets[fits]!;
  const x = allocate(ownX ? values : points);
  const y = allocate(values);
  const init = allocate(ownInit ? 3 * fits : 3);
  init.set([1.5, 1, 0.3]);
  const errors = sigma === 'none' ? null : allocate(sigma === 'shared' ? points : values);
  for (let k = 0; k < fits; k++) {
    const first = offsets === null ? k * points : offsets[k]!;
    const last = offsets === null ? first + points : offsets[k + 1]!;
    const a = 1 + 2 * random(),
      b = 0.5 + 1.5 * random(),
      c = random();
    if (ownInit) init.set([a * (0.8 + 0.4 * random()), b, c], 3 * k);
    for (let i = first; i < last; i++) {
      const at = (4 * (i - first)) / (last - first - 1);
      if (ownX) x[i] = at;
      else x[i - first] = at;
      y[i] = a * Math.exp(-b * at) + c + 0.02 * (random() + random() + random() - 1.5);
      if (sigma === 'own') errors![i] = 0.01 + 0.02 * random();
      if (sigma === 'shared') errors![i - first] = 0.01 + 0.01 * at;
    }
  }
  const precise = (array: Float64Array): Floats => (single ? Float32Array.from(array) : array);
  return {
    ...plainMethod,
    yShared: false,
    program,
    fits,
    offsets,
    points: ragged ? 0 : points,
    x: [precise(x)],
    xShared: !ownX,
    y: precise(y),
    sigma: errors === null ? null : precise(errors),
    sigmaShared: sigma === 'shared',
    init,
    initShared: !ownInit,
    ftol: 1e-8,
    xtol: 1e-8,
    gtol: 1e-8,
    maxIter: 200,
    covarianceFactor: 0,
    fused: false,
    outputs: outputsFor(fits, values),
  };
}

/** The same inputs, outputs of its own. */
export function again(job: FitJob): FitJob {
  return { ...job, outputs: outputsFor(job.fits, job.yShared ? job.fits * job.points : job.y.length) };
}

export function asyncOptions(options: Partial<AsyncRunOptions> = {}): AsyncRunOptions {
  return { threads: 0, maxSeconds: Infinity, progressEveryMs: 100, ...options };
}

/** Where outputs differ, to the bit: `name[position]`, or `name` where one of them is absent. */
export function differences(actual: FitOutputs, expected: FitOutputs): string[] {
  return (Object.keys(expected) as (keyof FitOutputs)[]).flatMap((name) => {
    const a = actual[name],
      b = expected[name];
    if (a === null || b === null) return a === b ? [] : [name];
    const at = a.findIndex((value, i) => !Object.is(value, b[i]));
    return at < 0 && a.length === b.length ? [] : [`${name}[${at}]`];
  });
}

export interface CompiledEngine {
  readonly folder: string;
  readonly portableEngine: Engine;
  readonly liveWorkers: () => number;
  readonly whyNoWorkers: () => string | undefined;
}

/** The portable engine bundled into a folder of its own; `worker` may stand in for worker.js. */
export async function compileEngine(worker?: string): Promise<CompiledEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'nadir-jobs-'));
  const source = (name: string): string =>
    fileURLToPath(new URL(`../../src/${name}`, import.meta.url));
  await build({
    entryPoints: ['engine/portable.ts', 'portable/jobs/worker.ts', 'portable/jobs/workers.ts'].map(
      source,
    ),
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.js' },
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  if (worker !== undefined) {
    renameSync(join(folder, 'worker.js'), join(folder, 'real-worker.js'));
    writeFileSync(join(folder, 'worker.js'), worker);
  }
  const load = (name: string): Promise<Record<string, unknown>> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href) as Promise<
      Record<string, unknown>
    >;
  const { portableEngine } = await load('portable.js');
  const { liveWorkers, whyNoWorkers } = await load('workers.js');
  return { folder, portableEngine, liveWorkers, whyNoWorkers } as CompiledEngine;
}
