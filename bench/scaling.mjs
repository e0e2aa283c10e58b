// How the cost of a fit grows with its points and its parameters: nanoseconds per evaluation,
// which is one step of one fit with its Jacobian.

import { curveFitBatchSync, expr } from '../dist/index.js';
import { problem, stream } from './data.mjs';
import { interleave, seconds, table } from './measure.mjs';

/** Evaluations in one run. */
const workOf = { native: 3e6, portable: 5e5 };

/** P1 with other numbers of points. */
function decays(points, fits) {
  const { names, model, noise } = problem('P1', 1);
  const { uniform, normal } = stream(909);
  const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / (points - 1));
  const y = new Float64Array(fits * points);
  for (let k = 0; k < fits; k++) {
    const p = { a: uniform(1, 3), b: uniform(0.5, 2), c: uniform(0, 1) };
    for (let i = 0; i < points; i++) y[k * points + i] = model(x[i], p) + noise * normal();
  }
  return {
    model,
    x,
    y,
    init: spread([1.5, 1, 0.3], fits),
    params: Object.fromEntries(names.map((name) => [name, 1])),
  };
}

/** A row of Gaussians of width 1 that stand 4 apart, two parameters each, on 128 points. */
function peaks(params, fits) {
  const count = params / 2,
    points = 128;
  const { uniform, normal } = stream(808);
  const source = Array.from({ length: count }, (_, k) => `a${k} * exp(-(x - c${k})^2 / 2)`).join(
    ' + ',
  );
  const x = Float64Array.from({ length: points }, (_, i) => (4 * count * i) / (points - 1));
  const y = new Float64Array(fits * points);
  const start = [];
  for (let k = 0; k < count; k++) start.push(1.5, 4 * k + 2);
  for (let k = 0; k < fits; k++) {
    const truth = start.map(
      (value, j) => value + (j % 2 === 0 ? uniform(-0.5, 0.5) : uniform(-0.4, 0.4)),
    );
    for (let i = 0; i < points; i++) {
      let f = 0.02 * normal();
      for (let j = 0; j < params; j += 2)
        f += truth[j] * Math.exp(-((x[i] - truth[j + 1]) ** 2) / 2);
      y[k * points + i] = f;
    }
  }
  const model = expr(source);
  const init = spread(
    model.paramNames.map((name) => start[2 * Number(name.slice(1)) + (name[0] === 'c' ? 1 : 0)]),
    fits,
  );
  return { model, x, y, init };
}

function spread(start, fits) {
  const init = new Float64Array(fits * start.length);
  for (let k = 0; k < fits; k++) init.set(start, k * start.length);
  return init;
}

async function measure(sizes, points, make, engines, rounds) {
  const contestants = {};
  for (const size of sizes)
    for (const engine of engines) {
      // About the same work in every run, at eight evaluations per fit.
      const fits = Math.min(20_000, Math.max(16, Math.round(workOf[engine] / (8 * points(size)))));
      const data = make(size, fits);
      contestants[`${engine} ${size}`] = async () => {
        let result;
        const time = await seconds(
          () => (result = curveFitBatchSync({ ...data, engine, threads: 1 })),
        );
        const evaluations = result.iterations.reduce((sum, i) => sum + i + 1, 0);
        return (1e9 * time) / evaluations;
      };
    }
  return interleave(contestants, rounds);
}

function print(title, sizes, engines, report, unit) {
  const rows = sizes.map((size, k) => [
    String(size),
    ...engines.flatMap((engine) => {
      const { median } = report[`${engine} ${size}`];
      const before = k === 0 ? undefined : report[`${engine} ${sizes[k - 1]}`].median;
      const power =
        before === undefined
          ? undefined
          : (Math.log(median / before) / Math.log(size / sizes[k - 1])).toFixed(2);
      return [median, median / unit(size), power];
    }),
  ]);
  console.log(`\n${title}`);
  console.log(
    table(['', ...engines.flatMap((engine) => [`${engine}: ns`, 'per point', 'power'])], rows),
  );
}

export async function scaling({ hasNative, rounds }) {
  const engines = hasNative ? ['native', 'portable'] : ['portable'];
  const pointSizes = [16, 64, 256, 1024, 10_000, 100_000];
  const paramSizes = [2, 4, 8, 16, 32];
  const points = await measure(pointSizes, (size) => size, decays, engines, rounds);
  print(
    'Points of a fit (3 parameters): nanoseconds per evaluation, and the power of growth',
    pointSizes,
    engines,
    points,
    (size) => size,
  );
  const params = await measure(paramSizes, (size) => 16 * size, peaks, engines, rounds);
  print(
    'Parameters of a fit (128 points): nanoseconds per evaluation, and the power of growth',
    paramSizes,
    engines,
    params,
    () => 128,
  );
  return { points, params };
}
