// The process ends in the middle of fits, or when they are done.
import { createProgram, load, makeJob, startFit } from './job.mjs';

const [way, delay] = [process.argv[2], Number(process.argv[3])];
const addon = load();
const program = createProgram(addon);
const args = makeJob(way === 'pending' ? 2000 : 100000, 64, 2);

if (way === 'pending') {
  // Nothing but the job keeps the process alive, and its idle threads do not.
  startFit(addon, program, args).then(({ done }) => console.log(`done ${done}`));
} else {
  for (let k = 0; k < 4; k++) startFit(addon, program, args);
  if (way === 'exit') setTimeout(() => process.exit(7), delay);
  if (way === 'throw') setTimeout(() => { throw new Error('on purpose'); }, delay);
}
