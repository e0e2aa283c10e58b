// The body of a worker thread: fits the chunks that it is sent and sends their outputs back.
// It keeps the head of a job, and with it the generated code of its program, until told to drop it.

import { parentPort } from 'node:worker_threads';
import type { FitOutputs } from '../../engine/engine.ts';
import { buffersOf, jobOfChunk, type Chunk, type JobHead } from './chunks.ts';
import { clock } from './progress.ts';
import { FitRun } from './slices.ts';

export type ToWorker =
  | { readonly kind: 'head'; readonly job: number; readonly head: JobHead }
  | { readonly kind: 'chunk'; readonly job: number; readonly chunk: Chunk }
  | { readonly kind: 'drop'; readonly job: number };

/** Chunks are answered in the order in which they came. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
    readonly kind: 'outputs';
    /** Fits with outputs, and those among them that came to a status of their own. */
    readonly begun: number;
    readonly done: number;
    readonly ms: number;
    readonly outputs: FitOutputs;
  };

const heads = new Map<number, JobHead>();

/** Milliseconds between two looks at the stop word. */
const lookMs = 1;

function fitChunk(head: JobHead, chunk: Chunk): Extract<FromWorker, { kind: 'outputs' }> {
  const started = clock();
  const job = jobOfChunk(head, chunk);
  const run = new FitRun(job, 0, job.fits);
  let begun = job.fits;
  let code = Atomics.load(head.stop, 0);
  while (code < 0 && !run.runUntil(clock() + lookMs)) code = Atomics.load(head.stop, 0);
  if (code >= 0) begun = run.abandon(code, 0);
  return { kind: 'outputs', begun, done: run.next, ms: clock() - started, outputs: job.outputs };
}

const port = parentPort;
if (port !== null) {
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'head') {
      heads.set(message.job, message.head);
    } else if (message.kind === 'drop') {
      heads.delete(message.job);
    } else {
      try {
        const answer = fitChunk(heads.get(message.job)!, message.chunk);
        port.postMessage(answer, buffersOf(answer.outputs));
      } catch (error) {
        port.postMessage({ kind: 'failed', message: String(error) } satisfies FromWorker);
      }
    }
  });
  port.postMessage({ kind: 'ready' } satisfies FromWorker);
}
