// What bounds, losses, covariances and methods cost: fits per second of the four problems under each
// of them, against the plain fit of the same round. One thread. The plain fit stops at ftol 1e-8
// without polish, as the table of batches has it.

import { curveFitBatchSync } from '../dist/index.js';
import { problem, problemNames, stream } from './data.mjs';
import { interleave, percent, seconds, table } from './measure.mjs';

/** Curves per run, so that a run takes a tenth of a second or so. */
const curves = { native: 60_000, portable: 6000 };
const heavy = { P1: 1, P2: 1, P3: 0.25, P4: 0.25 };
/** The careful path from the first step is an order of magnitude slower. */
const carefulShare = 0.1;
/** Where 95 % of the efficiency is kept when there are no outliers (Holland & Welsch 1977). */
const huberTuning = 1.345;

/** Bounds no fit comes near, on every parameter. */
function wideBounds(data) {
  return Object.fromEntries(
    data.names.map((name, j) => {
      const column = data.truth.filter((_, i) => i % data.names.length === j);
      const size = Math.max(...column.map(Math.abs));
      return [name, { value: column[0], min: -100 * size, max: 100 * size }];
    }),
  );
}

/** An upper bound on the first parameter that a third of the curves would pass. */
function tightBounds(data, fits) {
  const { names } = data;
  const { params } = curveFitBatchSync(callOf(data, fits, { engine: 'portable', ...coarse }));
  const column = params.filter((_, i) => i % names.length === 0).sort();
  const max = column[Math.floor((2 / 3) * column.length)];
  const init = data.init.map((value, i) => (i % names.length === 0 ? Math.min(value, 0.95 * max) : value));
  const params0 = Object.fromEntries(names.map((name) => [name, { value: 0 }]));
  params0[names[0]] = { value: 0, max };
  return { params: params0, init, max };
}

/** Counts of photons for the problem of pixels: Poisson noise of these means, normal from 10 up. */
function countsOf(data, fits) {
  const { x, model, names, points, truth } = data;
  const { normal } = stream(515);
  const y = new Float64Array(fits * points);
  for (let k = 0; k < fits; k++) {
    const values = Object.fromEntries(names.map((name, j) => [name, truth[k * names.length + j]]));
    for (let i = 0; i < points; i++) {
      const mean = model(x[i], values);
      y[k * points + i] = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    }
  }
  return y;
}

const coarse = { ftol: 1e-8 };

function callOf(data, fits, options) {
  const { names, points, model, x } = data;
  const { y = data.y, init = data.init, ...rest } = options;
  return {
    model,
    x,
    params: Object.fromEntries(names.map((name) => [name, 1])),
    threads: 1,
    ...rest,
    y: y.subarray(0, fits * points),
    init: init.subarray(0, fits * names.length),
  };
}

/** By name: options, and the share of the curves that a run takes. */
function configurationsOf(data, most) {
  const { noise } = data;
  const tight = tightBounds(data, Math.min(most, 2000));
  const configurations = {
    plain: [coarse],
    'bounds, wide': [{ ...coarse, params: wideBounds(data) }],
    'bounds, a third ends at one': [{ ...coarse, params: tight.params, init: tight.init }],
    'huber, scale 1.345 σ': [{ ...coarse, loss: 'huber', lossScale: huberTuning * noise }],
    'huber, scale 3 σ': [{ ...coarse, loss: 'huber', lossScale: 3 * noise }],
    'huber, default scale': [{ ...coarse, loss: 'huber' }],
    'huber, scale from MAD': [{ ...coarse, loss: 'huber', lossScale: 'mad' }],
    'soft_l1, scale 3 σ': [{ ...coarse, loss: 'soft_l1', lossScale: 3 * noise }],
    'cauchy, scale 3 σ': [{ ...coarse, loss: 'cauchy', lossScale: 3 * noise }],
    covariance: [{ ...coarse, outputs: ['stdErr', 'covariance'] }],
    'default options (polish)': [{}],
  };
  if (data.name === 'P3')
    configurations['counts, poisson'] = [{ ...coarse, estimator: 'poisson', y: countsOf(data, most) }];
  configurations.trf = [{ ...coarse, method: 'trf' }, carefulShare];
  configurations.dogbox = [{ ...coarse, method: 'dogbox' }, carefulShare];
  return { configurations, bound: tight.max };
}

async function measureProblem(name, hasNative, rounds) {
  const engines = hasNative ? ['native', 'portable'] : ['portable'];
  const fitsOf = (engine, share = 1) => Math.round(curves[engine] * heavy[name] * share);
  const most = Math.max(...engines.map((engine) => fitsOf(engine)));
  const data = problem(name, most);
  const { configurations, bound } = configurationsOf(data, most);
  const contestants = {};
  for (const [title, [options, share]] of Object.entries(configurations))
    for (const engine of engines) {
      const fits = fitsOf(engine, share);
      const call = callOf(data, fits, { ...options, engine });
      contestants[`${engine}, ${title}`] = async () =>
        fits / (await seconds(() => curveFitBatchSync(call)));
    }
  const figures = await interleave(contestants, rounds);

  const fits = fitsOf('portable', carefulShare);
  const report = {};
  for (const [title, [options]] of Object.entries(configurations)) {
    const results = engines.map((engine) => curveFitBatchSync(callOf(data, fits, { ...options, engine })));
    const { params, iterations, converged } = results[0];
    const atBound = options.params?.[data.names[0]]?.max === bound
      ? params.filter((value, i) => i % data.names.length === 0 && value === bound).length / fits
      : undefined;
    report[title] = {
      ...Object.fromEntries(engines.map((engine) => [engine, {
        ...figures[`${engine}, ${title}`],
        ofPlain: Number((figures[`${engine}, ${title}`].median / figures[`${engine}, plain`].median).toFixed(3)),
      }])),
      converged: Number((converged / fits).toFixed(4)),
      meanIterations: Number((iterations.reduce((sum, i) => sum + i, 0) / fits).toFixed(2)),
      ...(atBound === undefined ? {} : { atBound }),
      ...(hasNative && {
        sameBits: results[0].params.every((value, i) => Object.is(value, results[1].params[i])),
      }),
    };
  }
  print(data, engines, report);
  return report;
}

function print({ name, title, names, points }, engines, report) {
  console.log(`\n${name}  ${title}, ${names.length} parameters, ${points} points`);
  console.log(
    table(
      ['', ...engines.flatMap((engine) => [`${engine}, fits/s`, 'of plain', 'spread']), 'iterations', 'converged', 'at the bound', 'same bits'],
      Object.entries(report).map(([configuration, row]) => [
        configuration,
        ...engines.flatMap((engine) => [row[engine].median, `${row[engine].ofPlain.toFixed(2)} ×`, percent(row[engine].spread)]),
        row.meanIterations,
        percent(row.converged),
        percent(row.atBound),
        row.sameBits === undefined ? undefined : row.sameBits ? 'yes' : 'NO',
      ]),
    ),
  );
}

export async function methods({ hasNative, rounds, only }) {
  const report = {};
  for (const name of only ?? problemNames) report[name] = await measureProblem(name, hasNative, rounds);
  return report;
}
