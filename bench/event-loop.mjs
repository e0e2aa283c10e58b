// How long a timer of 10 ms is kept waiting while 100,000 fits of P1 run asynchronously: the gap
// between two of its calls beyond 10 ms. The call itself counts, since the timer is set before it;
// so do the inputs, 54 MB, which are copied while the fits run.

import { curveFitBatch } from '../dist/index.js';
import { batchOf } from './batches.mjs';
import { problem } from './data.mjs';
import { table } from './measure.mjs';

const everyMs = 10;
const fits = 100_000;

const configurations = {
  'native, 1 thread': { engine: 'native', threads: 1 },
  'native, 2 threads': { engine: 'native', threads: 2 },
  'native, 2 threads, residuals': { engine: 'native', threads: 2, outputs: ['residuals'] },
  'portable, 2 threads': { engine: 'portable', threads: 2 },
};

/** Milliseconds that each call of a timer was late while `run` was under way. */
async function latenesses(run) {
  const late = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - before - everyMs));
    before = now;
  }, everyMs);
  await run();
  clearInterval(timer);
  // What was due when the run ended.
  late.push(Math.max(0, performance.now() - before - everyMs));
  return late;
}

export async function eventLoop({ hasNative, rounds }) {
  const data = problem('P1', fits);
  const report = {};
  for (const [name, options] of Object.entries(configurations)) {
    if (options.engine === 'native' && !hasNative) continue;
    const late = [],
      elapsed = [];
    await curveFitBatch(batchOf(data, fits / 10, options));
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      late.push(await latenesses(() => curveFitBatch(batchOf(data, fits, options))));
      elapsed.push(performance.now() - started);
    }
    const all = late.flat().sort((a, b) => a - b);
    const at = (share) => Number(all[Math.floor(share * (all.length - 1))].toFixed(2));
    report[name] = {
      calls: all.length,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      ms: Math.round(Math.min(...elapsed)),
    };
  }
  console.log(
    `\nEvent loop: lateness in ms of a timer of ${everyMs} ms while ${fits.toLocaleString('en-US')} ` +
      `fits of P1 run, ${rounds} times`,
  );
  console.log(
    table(
      ['', 'calls', 'median', '99 %', 'worst', 'ms of a run'],
      Object.entries(report).map(([name, { calls, p50, p99, max, ms }]) => [
        name,
        calls,
        p50,
        p99,
        max,
        ms,
      ]),
    ),
  );
  return report;
}
