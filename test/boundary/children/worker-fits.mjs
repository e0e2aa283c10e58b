// One worker: loads the add-on by itself and fits, over and over, until it is told otherwise.
import { parentPort, workerData } from 'node:worker_threads';
import { createProgram, load, makeJob, paramsOf, startFit } from './job.mjs';

const { way } = workerData;
const addon = load();
const program = createProgram(addon);
const args = makeJob(4000, 64, 2);

if (way === 'hash') {
  await startFit(addon, program, args);
  parentPort.postMessage(paramsOf(args), []);
} else if (way === 'sync') {
  parentPort.postMessage('ready', []);
  for (;;) addon.fit(program, ...args);
} else {
  // Several at once, so that some are queued and some have just ended at any moment.
  const fitForever = async () => {
    // Large enough for their data to come in several turns.
    for (;;) await startFit(addon, program, makeJob(12000, 64, 2));
  };
  for (let k = 0; k < 3; k++) fitForever();
  parentPort.postMessage('ready', []);
  if (way === 'exit') setTimeout(() => process.exit(0), workerData.delay);
  if (way === 'throw') setTimeout(() => { throw new Error('on purpose'); }, workerData.delay);
}
