// Parts of a job on their way to a worker thread and back. Every part is a job of its own whose
// arrays are slices of the whole: copied and transferred, or, on shared memory, views of it.
// What all fits share goes once with the head of the job.

import type { FitJob, FitOutputs, Floats } from '../../engine/engine.ts';
import type { Program } from '../../model/program.ts';
import { widthOf } from '../optim/least-squares-solver.ts';
import { pointAt } from './slices.ts';

/** What a worker is told once per job: all but the fits. Arrays that are not shared are empty. */
export interface JobHead extends Omit<FitJob, 'outputs' | 'fits' | 'offsets'> {
  readonly program: Program;
  /** The optional outputs that are asked for. */
  readonly wanted: readonly (keyof FitOutputs)[];
  /** One word on shared memory: -1 while the job runs, else the status to leave fits with. */
  readonly stop: Int32Array;
}

export interface Chunk {
  readonly fits: number;
  readonly offsets: Uint32Array | null;
  readonly x: readonly Floats[] | null;
  readonly y: Floats | null;
  readonly lossScale: Float64Array | null;
  readonly sigma: Floats | null;
  readonly init: Float64Array | null;
}

/** By its brand, which holds for arrays of another realm too. */
function isOnSharedMemory(array: Floats): boolean {
  return Object.prototype.toString.call(array.buffer) === '[object SharedArrayBuffer]';
}

/** An array that can be posted alone: a message carries the whole buffer of a view. */
function compact<T extends Floats>(array: T): T {
  return isOnSharedMemory(array) ? array : (array.slice() as T);
}

const optional = ['stdErr', 'covariance', 'r2', 'residuals', 'sums'] as const;

export function headOf(job: FitJob, stop: Int32Array): JobHead {
  const { program, points, x, xShared, sigma, sigmaShared, init, initShared } = job;
  const { yShared, ftol, xtol, gtol, maxIter, covarianceFactor, fused } = job;
  const { method, lower, upper, loss, lossScale, xScale, polish, careful, geodesic, pseudoInverse } = job;
  return {
    program: program as Program, points, xShared, sigmaShared, initShared,
    ftol, xtol, gtol, maxIter, covarianceFactor, fused, stop,
    method, lower, upper, loss, xScale, polish, careful, geodesic, pseudoInverse, yShared,
    lossScale: lossScale?.length === 1 ? lossScale : null,
    y: yShared ? compact(job.y) : new Float64Array(0),
    x: xShared ? x.map(compact) : [],
    sigma: sigmaShared && sigma !== null ? compact(sigma) : null,
    init: initShared ? compact(init) : new Float64Array(0),
    wanted: optional.filter((name) => job.outputs[name] !== null),
  };
}

/** The fits [begin, end), and the buffers that may be transferred with them. */
export function cutChunk(
  job: FitJob, begin: number, end: number,
): { chunk: Chunk; transfer: ArrayBuffer[] } {
  const { offsets, program } = job;
  const first = pointAt(job, begin);
  const last = pointAt(job, end);
  const transfer: ArrayBuffer[] = [];
  const cut = <T extends Floats>(array: T, from: number, to: number): T => {
    if (isOnSharedMemory(array)) return array.subarray(from, to) as T;
    const part = array.slice(from, to) as T;
    transfer.push(part.buffer as ArrayBuffer);
    return part;
  };
  const chunk: Chunk = {
    fits: end - begin,
    offsets: offsets === null ? null : offsets.slice(begin, end + 1).map((at) => at - first),
    x: job.xShared ? null : job.x.map((column) => cut(column, first, last)),
    y: job.yShared ? null : cut(job.y, first, last),
    lossScale: job.lossScale === null || job.lossScale.length === 1 ? null : cut(job.lossScale, begin, end),
    sigma: job.sigma === null || job.sigmaShared ? null : cut(job.sigma, first, last),
    init: job.initShared ? null : cut(job.init, begin * program.params, end * program.params),
  };
  return { chunk, transfer };
}

/** The job that a chunk is, with outputs of its own. */
export function jobOfChunk(head: JobHead, chunk: Chunk): FitJob {
  const { program } = head;
  const { fits } = chunk;
  const y = chunk.y ?? head.y;
  const columns = program.varying.length;
  const values = chunk.offsets === null ? fits * head.points : y.length;
  const room = (name: (typeof optional)[number], length: number): Float64Array | null =>
    head.wanted.includes(name) ? new Float64Array(length) : null;
  return {
    ...head, fits, y,
    offsets: chunk.offsets,
    x: chunk.x ?? head.x,
    sigma: chunk.sigma ?? head.sigma,
    lossScale: chunk.lossScale ?? head.lossScale,
    init: chunk.init ?? head.init,
    outputs: {
      params: new Float64Array(fits * program.params),
      ssr: new Float64Array(fits),
      status: new Uint8Array(fits),
      iterations: new Uint16Array(fits),
      stdErr: room('stdErr', fits * program.params),
      covariance: room('covariance', fits * columns * columns),
      r2: room('r2', fits),
      residuals: room('residuals', values),
      sums: room('sums', fits * widthOf(columns, head.loss !== 'linear')),
    },
  };
}

/** The buffers of outputs made by `jobOfChunk`. */
export function buffersOf(outputs: FitOutputs): ArrayBuffer[] {
  return Object.values(outputs).flatMap((array: FitOutputs[keyof FitOutputs]) =>
    array === null ? [] : [array.buffer as ArrayBuffer]);
}

/** Writes the first `begun` fits of a chunk that began at fit `begin` where they belong. */
export function pasteOutputs(job: FitJob, begin: number, begun: number, part: FitOutputs): void {
  const { params, varying } = job.program;
  const columns = varying.length;
  const paste = (name: keyof FitOutputs, perFit: number): void => {
    const from = part[name];
    job.outputs[name]?.set(from!.subarray(0, begun * perFit) as never, begin * perFit);
  };
  paste('params', params);
  paste('ssr', 1);
  paste('status', 1);
  paste('iterations', 1);
  paste('stdErr', params);
  paste('covariance', columns * columns);
  paste('r2', 1);
  paste('sums', widthOf(columns, job.loss !== 'linear'));
  const first = pointAt(job, begin);
  const points = pointAt(job, begin + begun) - first;
  job.outputs.residuals?.set(part.residuals!.subarray(0, points), first);
}
