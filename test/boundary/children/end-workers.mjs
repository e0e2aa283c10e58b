// Workers that are terminated, exit or die in the middle of fits. The add-on is loaded in them
// alone, so that the library would be unloaded with the last one if it could be.
import { Worker } from 'node:worker_threads';

const [way, rounds] = [process.argv[2], Number(process.argv[3])];

for (let round = 0; round < rounds; round++) {
  const delay = (round * 7) % 23;
  const worker = new Worker(new URL('./worker-fits.mjs', import.meta.url), { workerData: { way,
    delay } });
  const ended = new Promise((resolve) => {
    worker.on('exit', resolve);
    worker.on('error', () => {});
  });
  await new Promise((resolve) => worker.once('message', resolve));
  if (way === 'terminate' || way === 'sync') {
    await new Promise((resolve) => setTimeout(resolve, delay));
    await worker.terminate();
  }
  await ended;
}
console.log('survived');
