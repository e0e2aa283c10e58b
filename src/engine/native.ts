// The native engine behind the contract. Whole arrays go in and come out in one call per job;
// numbers cross in one record. Synchronous jobs use the caller's arrays in place. Asynchronous jobs
// run on copies: inputs are copied while the job begins and results at its end, a slice per turn of
// the event loop. Arrays on SharedArrayBuffers are read and written in place.

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers';
import { encodeProgram, type Program } from '../model/program.ts';
import { losses } from '../portable/optim/losses.ts';
import { leastSquaresMethods } from '../portable/optim/methods.ts';
import { statusCode, statuses } from '../portable/optim/status.ts';
import {
  loadAddon, numberFieldCount, numberFields, type Addon, type FitArguments, type JobHandle,
  type ProgramHandle,
} from './addon.ts';
import { EngineError } from './engine-error.ts';
import type { AsyncRunOptions, Engine, FitJob, FitOutcome, Floats, RunOptions,
  Simd } from './engine.ts';

const field = numberFields;
/** Node's timers fire at once when asked for more. */
const longestTimerMs = 2 ** 31 - 1;

class NativeEngine implements Engine {
  readonly name = 'native';
  readonly simd: Simd;
  readonly path: string;
  readonly #addon: Addon;
  readonly #handles: WeakMap<Program, ProgramHandle> = new WeakMap();
  /** Reused by every call: what it says is read before the call returns. */
  readonly #numbers: Float64Array = new Float64Array(numberFieldCount);
  #defaultThreads = 0;

  constructor(addon: Addon, path: string) {
    this.#addon = addon;
    this.path = path;
    this.simd = addon.info().simd;
  }

  get defaultThreads(): number {
    this.#defaultThreads ||= availableParallelism();
    return this.#defaultThreads;
  }

  fitBatchSync(job: FitJob, options: RunOptions): FitOutcome {
    const numbers = this.#numbers;
    this.#addon.fit(...this.#arguments(job, options));
    return outcome(numbers[field.done]!, numbers[field.stopCode]!);
  }

  fitBatch(job: FitJob, options: AsyncRunOptions): Promise<FitOutcome> {
    const { signal, onProgress, progressEveryMs } = options;
    if (signal?.aborted) return Promise.resolve({ done: 0, stopped: 'aborted' });
    const addon = this.#addon;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let thrown: { readonly error: unknown } | undefined;
      const cancel = (reason: 'aborted' | 'stoppedByCallback'): void =>
        addon.cancelJob(handle, statusCode[reason]);
      const abort = (): void => cancel('aborted');
      const report = (): void => {
        try {
          if (onProgress!(addon.jobDone(handle)) !== false) return;
        } catch (error) {
          thrown = { error };
        }
        clearInterval(timer);
        cancel('stoppedByCallback');
      };
      const settle = (result: FitOutcome): void => {
        clearInterval(timer);
        signal?.removeEventListener('abort', abort);
        try {
          if (addon.deliverResults(handle)) setImmediate(settle, result);
          else if (thrown !== undefined) reject(thrown.error);
          else resolve(result);
        } catch (error) {
          reject(thrown === undefined ? error : thrown.error);
        }
      };
      // Node brings up to a thousand ends in one go: what the caller does next would run between
      // them, and timers would wait for all of it.
      const settleLater = (done: number, stopCode: number): void => {
        setImmediate(settle, outcome(done, stopCode));
      };
      const bring = (): void => {
        if (addon.bringData(handle)) setImmediate(bring);
      };
      const handle: JobHandle = addon.startFit(settleLater, ...this.#arguments(job, options));
      setImmediate(bring);
      signal?.addEventListener('abort', abort, { once: true });
      // The job keeps the process alive, not the timer.
      if (onProgress !== undefined)
        timer = setInterval(report, Math.min(progressEveryMs, longestTimerMs)).unref();
    });
  }

  evaluate(
    program: Program,
    x: readonly Floats[],
    points: number,
    params: Float64Array,
    value: Float64Array,
    jacobian: Float64Array | null,
  ): void {
    this.#addon.evaluate(this.#handle(program), points, params, value, jacobian, ...x);
  }

  #handle(program: Program): ProgramHandle {
    let handle = this.#handles.get(program);
    if (handle === undefined) {
      handle = this.#addon.createProgram(encodeProgram(program), program.constants);
      this.#handles.set(program, handle);
    }
    return handle;
  }

  #arguments(job: FitJob, options: RunOptions): FitArguments {
    const { program, outputs } = job;
    if (!('code' in program))
      throw new EngineError('the native engine runs compiled models only, not callbacks');
    const numbers = this.#numbers;
    numbers[field.fits] = job.fits;
    numbers[field.points] = job.points;
    numbers[field.xShared] = job.xShared ? 1 : 0;
    numbers[field.sigmaShared] = job.sigmaShared ? 1 : 0;
    numbers[field.initShared] = job.initShared ? 1 : 0;
    numbers[field.ftol] = job.ftol;
    numbers[field.xtol] = job.xtol;
    numbers[field.gtol] = job.gtol;
    numbers[field.maxIter] = job.maxIter;
    numbers[field.covarianceFactor] = job.covarianceFactor;
    numbers[field.fused] = job.fused ? 1 : 0;
    numbers[field.yShared] = job.yShared ? 1 : 0;
    numbers[field.method] = leastSquaresMethods.indexOf(job.method);
    numbers[field.loss] = losses.indexOf(job.loss);
    numbers[field.polish] = job.polish ? 1 : 0;
    numbers[field.careful] = job.careful ? 1 : 0;
    numbers[field.geodesic] = job.geodesic ? 1 : 0;
    numbers[field.pseudoInverse] = job.pseudoInverse ? 1 : 0;
    numbers[field.threads] = options.threads;
    numbers[field.maxSeconds] = options.maxSeconds;
    return [
      this.#handle(program), numbers, job.y, job.sigma, job.offsets, job.init, job.lower, job.upper,
      job.xScale, job.lossScale, outputs.params, outputs.ssr, outputs.status, outputs.iterations,
      outputs.stdErr, outputs.covariance, outputs.r2, outputs.residuals, outputs.sums, ...job.x,
    ];
  }
}

function outcome(done: number, stopCode: number): FitOutcome {
  return { done, stopped: stopCode < 0 ? null : (statuses[stopCode] as FitOutcome['stopped']) };
}

let engine: NativeEngine | null | undefined;
let fault: string | undefined;

/** The engine, loaded on the first call; null where its binary does not load. */
export function nativeEngine(): Engine | null {
  if (engine === undefined) engine = open();
  return engine;
}

/** Why nativeEngine returns null. */
export function whyNotNative(): string | undefined {
  nativeEngine();
  return fault;
}

/** The file that the engine was loaded from. */
export function binaryPath(): string | undefined {
  nativeEngine();
  return engine?.path;
}

// NADIR_ISA caps the instruction set: scalar, sse2, avx2, avx512 or neon.
function open(): NativeEngine | null {
  const loaded = loadAddon();
  if ('fault' in loaded) {
    fault = loaded.fault;
    return null;
  }
  const cap = process.env['NADIR_ISA'];
  if (cap !== undefined && cap !== '') {
    try {
      loaded.addon.setTarget(cap);
    } catch (error) {
      throw new EngineError(`NADIR_ISA: ${(error as Error).message}`, { cause: error });
    }
  }
  return new NativeEngine(loaded.addon, loaded.path);
}
