// curveFitBatch on the four problems: fits per second of both engines and of the peers, what they
// reach, and what covariances cost.

import { curveFitBatch, curveFitBatchSync } from '../dist/index.js';
import { problem, problemNames } from './data.mjs';
import { interleave, measuresThreads, percent, seconds, summary, table } from './measure.mjs';
import { mlLevenbergMarquardt, plainJavaScript } from './peers.mjs';

/** The stopping tests of the peers (MINPACK's habit). nadir's own default goes on to 1e-12. */
const peersTolerance = { ftol: 1e-8 };

/** The first curves of a problem as a batch. */
export function batchOf({ names, x, y, init, points, model }, fits, options) {
  return {
    model,
    x,
    params: Object.fromEntries(names.map((name) => [name, 1])),
    y: y.subarray(0, fits * points),
    init: init.subarray(0, fits * names.length),
    ...peersTolerance,
    ...options,
  };
}

/** The synchronous call; more threads of the portable engine need the asynchronous one. */
export function fit(data, fits, options) {
  const run =
    options.engine === 'portable' && options.threads > 1 ? curveFitBatch : curveFitBatchSync;
  return run(batchOf(data, fits, options));
}

const native = { engine: 'native', threads: 1 };
const covariance = { outputs: ['stdErr', 'covariance'] };
const configurations = {
  native: native,
  'native, fast': { ...native, numerics: 'fast' },
  'native, default ftol': { ...native, ftol: 1e-12 },
  portable: { engine: 'portable', threads: 1 },
  'native, 2 threads': { ...native, threads: 2 },
  'native, fast, 2 threads': { ...native, numerics: 'fast', threads: 2 },
  'portable, 2 threads': { engine: 'portable', threads: 2 },
  'native + covariance': { ...native, ...covariance },
  'native, fast + covariance': { ...native, numerics: 'fast', ...covariance },
  'portable + covariance': { engine: 'portable', threads: 1, ...covariance },
};

/** Configurations of the engines that are there. */
function available(hasNative) {
  return Object.entries(configurations).filter(
    ([, { engine, threads }]) =>
      (hasNative || engine === 'portable') && (threads === 1 || measuresThreads()),
  );
}

/** Curves per run, so that a run takes some tenths of a second. */
const curves = { native: 100_000, portable: 10_000, plain: 10_000, ml: 100 };
const heavy = { P1: 1, P2: 1, P3: 0.25, P4: 0.25 };

async function speeds(data, hasNative, rounds) {
  const { name } = data;
  const share = heavy[name];
  const perRun = (kind) => Math.max(50, Math.round(curves[kind] * share));
  const contestants = {};
  for (const [title, options] of available(hasNative)) {
    const fits = perRun(options.engine) * Math.min(options.threads, 2);
    const { names, points } = data;
    // Results go to arrays that exist: what is measured is the fitting, page faults apart.
    const out = {
      params: new Float64Array(fits * names.length),
      ssr: new Float64Array(fits),
      status: new Uint8Array(fits),
      iterations: new Uint16Array(fits),
      ...(options.outputs && {
        stdErr: new Float64Array(fits * names.length),
        covariance: new Float64Array(fits * names.length ** 2),
      }),
    };
    if (fits * points > data.y.length) throw new Error(`${name}: ${fits} curves are wanted`);
    contestants[title] = async () =>
      fits / (await seconds(() => fit(data, fits, { ...options, out })));
  }
  const plain = plainJavaScript(data);
  contestants['plain JavaScript'] = async () =>
    perRun('plain') / (await seconds(() => plain(perRun('plain'))));
  for (const variant of ['tuned', 'defaults']) {
    const peer = mlLevenbergMarquardt(data, variant);
    const fits = perRun('ml');
    contestants[`ml-levenberg-marquardt, ${variant}`] = async () =>
      fits / (await seconds(() => peer(fits)));
  }
  return interleave(contestants, rounds);
}

/** What is reached: share of the curves whose sum of squares is within 1e-6 of the best of all. */
async function quality(data, hasNative) {
  const fits = 2000,
    few = 200;
  const reached = {};
  for (const [title, options] of available(hasNative)) {
    if (title.includes('covariance') || options.threads > 1) continue;
    const { ssr, iterations, converged, params } = await fit(data, fits, options);
    reached[title] = {
      ssr,
      params,
      meanIterations: iterations.reduce((sum, i) => sum + i, 0) / fits,
      converged: converged / fits,
    };
  }
  reached['plain JavaScript'] = plainJavaScript(data)(fits);
  for (const variant of ['tuned', 'defaults'])
    reached[`ml-levenberg-marquardt, ${variant}`] = mlLevenbergMarquardt(data, variant)(few);
  const all = Object.values(reached);
  const best = Float64Array.from({ length: fits }, (_, k) =>
    Math.min(...all.map(({ ssr }) => ssr[k] ?? Infinity)),
  );
  const result = Object.fromEntries(
    Object.entries(reached).map(([title, { ssr, meanIterations, converged }]) => [
      title,
      {
        atBest: ssr.filter((value, k) => value <= best[k] * (1 + 1e-6)).length / ssr.length,
        meanIterations: Number(meanIterations.toFixed(2)),
        ...(converged === undefined ? {} : { converged }),
      },
    ]),
  );
  const { native: one, portable: other } = reached;
  if (one !== undefined)
    result.sameBits = one.params.every((value, i) => Object.is(value, other.params[i]));
  return result;
}

export async function batches({ hasNative, rounds, only }) {
  const report = {};
  for (const name of only ?? problemNames) {
    const data = problem(name, 2 * curves.native * heavy[name]);
    const fitsPerSecond = await speeds(data, hasNative, rounds);
    report[name] = {
      title: data.title,
      points: data.points,
      params: data.names.length,
      fitsPerSecond,
      quality: await quality(data, hasNative),
    };
    print(name, report[name]);
  }
  return report;
}

function print(name, { title, points, params, fitsPerSecond, quality: reached }) {
  const plain = fitsPerSecond['plain JavaScript'].median;
  const rows = Object.entries(fitsPerSecond).map(([contestant, { median, spread }]) => {
    const alone = contestant.replace(/, 2 threads| \+ covariance/, '');
    const { atBest, meanIterations } = reached[contestant] ?? {};
    return [
      contestant,
      median,
      percent(spread),
      `${(median / plain).toPrecision(3)} ×`,
      alone === contestant ? undefined : `${(median / fitsPerSecond[alone].median).toFixed(2)} ×`,
      percent(atBest),
      meanIterations,
    ];
  });
  console.log(
    `\n${name}  ${title}, ${params} parameters, ${points} points` +
      (reached.sameBits === undefined
        ? ''
        : `; both engines: ${reached.sameBits ? 'same bits' : 'DIFFERENT BITS'}`),
  );
  console.log(
    table(['', 'fits/s', 'spread', 'of plain', 'of its own', 'at best', 'iterations'], rows),
  );
}

/** Fits per second on one thread, for a child process under another instruction set. */
export async function nativeRates(rounds) {
  const rates = {};
  for (const name of problemNames) {
    const fits = 0.4 * curves.native * heavy[name];
    const data = problem(name, fits);
    for (const numerics of ['reproducible', 'fast']) {
      const values = [];
      fit(data, fits, { ...native, numerics });
      for (let i = 0; i < rounds; i++)
        values.push(fits / (await seconds(() => fit(data, fits, { ...native, numerics }))));
      rates[`${name} ${numerics}`] = summary(values).median;
    }
  }
  return rates;
}
