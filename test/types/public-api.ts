// What must compile, and what must not, for users of the public API. Compiled by the type check of
// the tests, never run.

import {
  curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, compareEngines, compareModels, engineInfo, expr, fitResultFromJSON, model, modelOf, setThreads,
  type BatchOptions, type BatchResult, type FitResult, type Floats, type Matrix, type Model, type Predictors, type Status,
} from '../../src/index.ts';

declare const t: Float64Array, y: Float64Array, dose: Float64Array, traces: Float32Array;
declare function use(...values: unknown[]): void;

// A plain function: the names of its parameters come from `params`.
const fit = curveFit({ x: t, y, model: (x, p) => p.a * Math.exp(-p.k * x), params: { a: 1, k: { value: 0.5, vary: false } } });
const a: number = fit.values.a;
const error: number | null = fit.params.k.stdErr;
const status: Status = fit.status;
const covariance: Matrix | null = fit.covariance;
const varying: readonly ('a' | 'k')[] = fit.varying;
const same: FitResult<'a' | 'k'> = fit.orThrow();
use(a, error, status, covariance, varying, same, fit.stats.aicc, fit.predict([1, 2]));
const interval: readonly [number, number] = fit.confidenceIntervals(0.95, 'profile').k;
const samples: Promise<{ readonly a: Float64Array; readonly k: Float64Array }> = fit.bootstrap({ samples: 10, kind: 'case' });
use(interval, samples, fit.params.a.atBound, fit.params.k.pValue, fit.confidenceBand(t).upper, fit.predictionBand([1], 0.9, 0.1).x);
use(fit.diagnose().findings[0]?.code, fit.toMarkdown(), fit.stats.fPValue, fit.trace?.f, fit.starts?.reached);
use(fitResultFromJSON(fit.toJSON()).values['a'], compareModels({ one: fit, two: fit }).akaikeWeights['one']);
// @ts-expect-error a way to resample that there is not
void fit.bootstrap({ samples: 10, kind: 'parametric' });
// @ts-expect-error a misspelt parameter of an interval
use(fit.confidenceIntervals().amp);
// @ts-expect-error a misspelt parameter of the result
use(fit.values.amp);
// @ts-expect-error a parameter that params does not name
curveFit({ x: t, y, model: (x, p) => p.a * p.b * x, params: { a: 1 } });
// @ts-expect-error results are read only
fit.values.a = 1;
// @ts-expect-error no y
curveFit({ x: t, model: (x, p) => p.a * x, params: { a: 1 } });
// @ts-expect-error an unknown option
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: 1 }, bound: 1 });
// @ts-expect-error a start that is no number
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: { value: '1' } } });
// @ts-expect-error a plain function needs params
curveFit({ x: t, y, model: (x: number, p: { a: number }) => p.a * x });
// @ts-expect-error text is no model
curveFit({ x: t, y, model: 'a*x', params: { a: 1 } });
// @ts-expect-error a word outside of the set
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: 1 }, sigmaIs: 'abs' });

// Bounds, ties, losses, and following a run.
const robust = curveFit({
  x: t, y, model: (x, p) => p.amp * Math.exp(-(((x - p.cen) / p.wid) ** 2)),
  params: { amp: { value: 5, min: 0 }, cen: 0, wid: { value: 1, min: 1e-3, max: 10, scale: 2 } },
  loss: 'soft_l1', lossScale: 'mad', method: 'trf', weights: dose, maxEval: 100, starts: 'auto', seed: 3,
});
use(robust.params.amp.min, robust.params.amp.atBound, robust.starts?.reached);
const tied = curveFit({ x: t, y, model: expr('a*exp(-k*x)'), params: { a: 1, k: { expr: 'a/5' }, half: { expr: '0.693/k' } } });
use(tied.params['half']!.stdErr);
const followed = curveFit({
  x: t, y, model: (x, p) => p.a * x, params: { a: 1 }, trace: { x: true, every: 2 },
  callback: ({ iter, f, checkpoint }) => { use(checkpoint()); return iter > 9 || f < 1; }, onNonFinite: 'throw',
});
use(followed.trace?.count, followed.trace?.x);
// @ts-expect-error a loss that does not exist
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: 1 }, loss: 'l1' });
// @ts-expect-error Poisson is an estimator
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: 1 }, loss: 'poisson' });
// @ts-expect-error bounds are numbers
curveFit({ x: t, y, model: (x, p) => p.a * x, params: { a: { value: 1, min: '0' } } });

// Several predictors by name.
const named = curveFit({
  x: { time: t, dose }, y,
  model: (x, p) => x.dose * Math.exp(p.lKe + p.lKa - p.lCl) * (Math.exp(-Math.exp(p.lKe) * x.time) - Math.exp(-Math.exp(p.lKa) * x.time)),
  params: { lKe: -2.5, lKa: 0.5, lCl: -3 },
});
use(named.values.lKa, named.params.lCl.stdErr, named.predict({ time: [1], dose: [2] }));
// @ts-expect-error a predictor that is not there
curveFit({ x: { time: t, dose }, y, model: (x, p) => x.weight * p.a, params: { a: 1 } });
// @ts-expect-error with one array x is a number
curveFit({ x: t, y, model: (x, p) => x.dose * p.a, params: { a: 1 } });

// Models that know their names.
const T0 = 273.15;
const decay = model(['a', 'k', 'c'], (x, p) => p.a * Math.exp(-p.k * x) + p.c + T0, { scope: { T0 }, require: 'compiled' });
const typed: Model<'a' | 'k' | 'c'> = decay;
const byModel = curveFit({ x: t, y, model: decay, params: { a: 1 } });
use(typed, byModel.values.c, decay.explain().reason, decay.evaluate([1], { a: 1, k: 2, c: 3 }));
// @ts-expect-error a parameter without a value
decay.evaluate([1], { a: 1, k: 2 });
// @ts-expect-error a name that the model does not have
use(byModel.values.d);
// @ts-expect-error names must be those of the function
model(['a'], (x, p) => p.b * x);

const plane = modelOf(['u', 'v'], ['a', 'b'], (x, p) => p.a * x.u + p.b * x.v);
use(plane.evaluate([t, dose], { a: 1, b: 2 }), plane.evaluate({ u: t, v: dose }, { a: 1, b: 2 }), curveFit({ x: { u: t, v: dose }, y, model: plane }).values.b);
// @ts-expect-error a predictor that the model does not have
modelOf(['u'], ['a'], (x, p) => p.a * x.w);

const text = curveFit({ x: { conc: t }, y, model: expr('Vm*conc/(K+conc)', ['conc']), params: { Vm: 200, K: 0.1 } });
use(text.values['Vm'], expr('a*x').evaluate([1], { a: 1 }));

async function batches(): Promise<void> {
  const async: FitResult<'a'> = await curveFitAsync({ x: t, y, model: (x, p) => p.a * x, params: { a: 1 } });
  const init = Float64Array.of(1, 2, 3);
  const r = await curveFitBatch({ model: decay, x: t, y: traces, init, numerics: 'fast', threads: 8 });
  use(async, `${r.converged}/${r.nFits} at ${r.fitsPerSecond.toFixed(0)} fits/s`, r.column('k'), r.at(0).values.c);
  // @ts-expect-error a column that is not there
  r.column('d');
  const plain = curveFitBatchSync({ x: t, y, model: (x, p) => p.a * x + p.b, params: { a: 1, b: 2 }, outputs: ['stdErr', 'r2'] });
  use(plain.column('a'), plain.stdErr);
  const several = curveFitBatchSync({ x: { t, dose }, y, model: (x, p) => p.a * x.t + p.b * x.dose, params: { a: 1, b: 2 } });
  use(several.at(3).values.b);
  const loose: BatchOptions<string, Predictors<Floats>> = { x: { t, dose }, y, model: expr('a*t + b*dose', ['t', 'dose']) };
  const result: BatchResult<string> = await curveFitBatch(loose);
  use(result.column('a'));
  // @ts-expect-error plain arrays are for single fits
  curveFitBatchSync({ x: [1, 2], y: [1, 2], model: (x, p) => p.a * x, params: { a: 1 } });
  // @ts-expect-error a column that no parameter has
  plain.column('z');
  curveFitBatchSync({ x: t, y, model: decay, init: 'guess', loss: 'huber', lossScale: 'mad', params: { k: { min: 0 } }, weights: dose });
  // @ts-expect-error starts are guessed or given
  curveFitBatchSync({ x: t, y, model: decay, init: 'random' });
  // @ts-expect-error one curve at a time has many starts
  curveFitBatchSync({ x: t, y, model: decay, starts: 4 });
  const { rows, table } = await compareEngines((engine) => curveFitBatchSync({ model: decay, x: t, y, init, engine, threads: 1 }).params, { repeats: 5 });
  use(table, rows.every((row) => row.sameBits), engineInfo().whyNotNative);
  setThreads(2);
}
use(batches);
