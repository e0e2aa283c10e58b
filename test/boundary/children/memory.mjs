// Resident memory before and after many small jobs of one kind.
import { createProgram, load, makeJob, startFit } from './job.mjs';

const [way, rounds] = [process.argv[2], Number(process.argv[3])];
const addon = load();
const program = createProgram(addon);
const args = makeJob(1, 64, 1);

async function run(times) {
  for (let k = 0; k < times; k++) {
    if (way === 'sync') addon.fit(program, ...args);
    if (way === 'program') createProgram(addon);
    if (way === 'async') await startFit(addon, program, args);
    if (way === 'cancelled')
      await startFit(addon, program, args, (job) => addon.cancelJob(job, 7));
    // Programs and jobs are freed after their values are collected, between turns of the loop.
    if (k % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
  }
  for (let k = 0; k < 3; k++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await run(rounds);
const before = process.memoryUsage.rss();
await run(rounds);
await run(rounds);
console.log(process.memoryUsage.rss() - before);
