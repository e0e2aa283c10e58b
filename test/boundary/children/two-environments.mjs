// The main thread and two workers fit the same curves at the same time.
import { Worker } from 'node:worker_threads';
import { createProgram, load, makeJob, paramsOf, startFit } from './job.mjs';

const addon = load();
const program = createProgram(addon);
const workers = [1, 2].map(() =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker-fits.mjs', import.meta.url),
      { workerData: { way: 'hash' } });
    worker.once('message', resolve);
    worker.once('error', reject);
  }));
const args = makeJob(4000, 64, 2);
const own = startFit(addon, program, args);
const results = await Promise.all(workers);
await own;
const found = paramsOf(args);
const same = results.every((params) => params.every((value, i) => Object.is(value, found[i])));
console.log(same ? 'same bits' : 'different');
