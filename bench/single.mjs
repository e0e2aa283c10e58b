// curveFit on one curve, and what comes before it: making a model.

import { curveFit, model as modelOf } from '../dist/index.js';
import { problem, problemNames } from './data.mjs';
import { interleave, seconds, table } from './measure.mjs';

/** A Gaussian with offset on 64 points: 4 parameters. */
function gaussian() {
  const { model, names, init, truth } = problem('P2', 1);
  const x = Float64Array.from({ length: 64 }, (_, i) => (49 * i) / 63);
  const p = Object.fromEntries(names.map((name, j) => [name, truth[j]]));
  const y = Float64Array.from(x, (at, i) => model(at, p) + 0.3 * Math.sin(i * i));
  return {
    model,
    names,
    x,
    y,
    params: Object.fromEntries(names.map((name, j) => [name, init[j]])),
  };
}

export async function single({ hasNative, rounds }) {
  const { model, names, x, y, params } = gaussian();
  const engines = hasNative ? ['native', 'portable'] : ['portable'];
  const made = modelOf(names, model);
  const perCall = (repeats, run) => async () =>
    (1e6 *
      (await seconds(() => {
        for (let i = 0; i < repeats; i++) run();
      }))) /
    repeats;
  const contestants = {};
  for (const engine of engines) {
    contestants[`${engine}, function`] = perCall(2000, () =>
      curveFit({ model, x, y, params, engine }),
    );
    contestants[`${engine}, model`] = perCall(2000, () =>
      curveFit({ model: made, x, y, params, engine }),
    );
    contestants[`${engine}, model, no covariance`] = perCall(2000, () =>
      curveFit({ model: made, x, y, params, engine, covariance: false }),
    );
  }
  const latency = await interleave(contestants, rounds);
  console.log('\ncurveFit, 64 points, 4 parameters: microseconds per call');
  console.log(
    table(
      ['', 'µs', 'spread'],
      Object.entries(latency).map(([name, { median, spread }]) => [
        name,
        median,
        `${Math.round(100 * spread)} %`,
      ]),
    ),
  );

  const compilers = Object.fromEntries(
    problemNames.map((name) => {
      const data = problem(name, 1);
      let calls = 0;
      // A constant that no call shares with another: nothing may be remembered from the last one.
      return [
        name,
        perCall(100, () => {
          const text = data.model.toString().replace(/p\.(\w+)(?!.*p\.)/s, `(p.$1 + ${++calls})`);
          modelOf(data.names, new Function(`return ${text}`)()).explain();
        }),
      ];
    }),
  );
  const compile = await interleave(compilers, rounds);
  console.log('\nModels from functions, parsed, differentiated and compiled: microseconds');
  console.log(
    table(
      ['', 'µs', 'spread'],
      Object.entries(compile).map(([name, { median, spread }]) => [
        name,
        median,
        `${Math.round(100 * spread)} %`,
      ]),
    ),
  );
  return { latencyUs: latency, compileUs: compile };
}
