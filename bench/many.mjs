// Many at once that is no batch: many starts on one curve, and data sets with shared parameters.

import { curveFit, globalFit } from '../dist/index.js';
import { problem, problemNames, stream } from './data.mjs';
import { interleave, percent, seconds, table } from './measure.mjs';

const engineNames = (hasNative) => (hasNative ? ['native', 'portable'] : ['portable']);

/** One curve of each problem with 64 starts: milliseconds per call, setup included. */
export async function starts({ hasNative, rounds, only }) {
  const report = {};
  for (const name of only ?? problemNames) {
    const { names, model, x, y, points, init } = problem(name, 1);
    const params = Object.fromEntries(names.map((param, k) => [param, init[k]]));
    const call = { model, x, y, params };
    const repeats = name === 'P1' || name === 'P2' ? 50 : 10;
    const contestants = {};
    const found = {};
    for (const engine of engineNames(hasNative))
      for (const count of [1, 64, 'auto']) {
        const run = () => curveFit({ ...call, engine, starts: count });
        const title = `${engine}, ${count}`;
        found[title] = run().starts;
        contestants[title] = async () =>
          (1e3 *
            (await seconds(() => {
              for (let i = 0; i < repeats; i++) run();
            }))) /
          repeats;
      }
    const figures = await interleave(contestants, rounds);
    report[name] = Object.fromEntries(
      Object.entries(figures).map(([title, figure]) => [title, { ...figure, ...found[title] }]),
    );
    console.log(`\n${name}, ${points} points, many starts: milliseconds per call`);
    console.log(
      table(
        ['', 'ms', 'spread', 'starts', 'at the minimum'],
        Object.entries(report[name]).map(([title, { median, spread, count, reached }]) => [
          title,
          median,
          percent(spread),
          count,
          reached,
        ]),
      ),
    );
  }
  return report;
}

/** Decays with one rate, an amplitude and a baseline of their own: 27 to 33 points each. */
function decaysOf(sets) {
  const { uniform, normal } = stream(1234);
  return Array.from({ length: sets }, () => {
    const points = Math.floor(uniform(27, 34));
    const [a, c] = [uniform(1, 3), uniform(0, 1)];
    const x = Float64Array.from({ length: points }, (_, i) => i / 8);
    return { x, y: x.map((t) => a * Math.exp(-1.3 * t) + c + 0.02 * normal()) };
  });
}

/** Data sets with one shared parameter: milliseconds per call, from plain data to the result. */
export async function global({ hasNative, rounds }) {
  const sizes = [100, 1000, 10_000];
  const model = (x, p) => p.a * Math.exp(-p.k * x) + p.c;
  const contestants = {};
  const found = {};
  for (const sets of sizes) {
    const data = decaysOf(sets);
    for (const engine of engineNames(hasNative)) {
      const run = () => globalFit({ model, data, shared: ['k'], params: { a: 1, k: 0.5, c: 0 }, engine });
      const title = `${engine}, ${sets} sets`;
      const { nIter, success, shared } = run();
      found[title] = { sets, nIter, success, error: (shared.k.value - 1.3) / shared.k.stdErr };
      contestants[title] = async () => 1e3 * (await seconds(run));
    }
  }
  const figures = await interleave(contestants, rounds);
  const report = Object.fromEntries(
    Object.entries(figures).map(([title, figure]) => [title, { ...figure, ...found[title] }]),
  );
  console.log('\nglobalFit, one shared parameter and two of each set, about 30 points');
  console.log(
    table(
      ['', 'ms', 'spread', 'µs per set', 'iterations', 'error/std. error'],
      Object.entries(report).map(([title, { median, spread, sets, nIter, error }]) => [
        title,
        median,
        percent(spread),
        (1e3 * median) / sets,
        nIter,
        error.toFixed(2),
      ]),
    ),
  );
  return report;
}
