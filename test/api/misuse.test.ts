// Every argument of every exported function, wrongly used: the class, the code, the argument, and a
// sentence that says what was expected and what came.

import { describe, expect, it } from 'vitest';
import {
  compareEngines, curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, engineInfo, EngineError, expr, InputError,
  model, modelOf, NadirError, setThreads,
} from '../../src/index.ts';

const x = [0, 1, 2, 3, 4];
const y = [5, 3, 2, 1.4, 1.1];
const decay = (x: number, p: { a: number; k: number }): number => p.a * Math.exp(-p.k * x);
const params = { a: 5, k: 0.5 };
const good = { x, y, model: decay, params };
const fx = Float64Array.from(x);
const fy = Float64Array.from([...y, ...y]);
const goodBatch = { x: fx, y: fy, model: decay, params };

type Bad = [what: string, change: Record<string, unknown>, code: string, argument: string, message: RegExp];

function detached(n: number): Float64Array {
  const array = new Float64Array(n);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

class Liar extends Float64Array {
  override get length(): number {
    return 1e9;
  }
}

function expectInput(run: () => unknown, code: string, argument: string, message: RegExp): void {
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(InputError);
  expect(error).toBeInstanceOf(NadirError);
  const { code: gotCode, argument: gotArgument, message: gotMessage, name } = error as InputError;
  expect({ code: gotCode, argument: gotArgument }).toEqual({ code, argument });
  expect(gotMessage).toMatch(message);
  expect(name).toBe('InputError');
}

const shared: Bad[] = [
  ['an unknown option', { bound: 1 }, 'ERR_OPTION', 'bound', /^curveFit\w*: unknown option 'bound'; did you mean 'bounds'\?$/],
  ['a misspelt option', { sigmas: 1 }, 'ERR_OPTION', 'sigmas', /did you mean 'sigma'\?/],
  ['an option far from all', { qqqqqqqq: 1 }, 'ERR_OPTION', 'qqqqqqqq', /unknown option 'qqqqqqqq'$/],
  ['bounds', { bounds: {} }, 'ERR_OPTION', 'bounds', /bounds belong to parameters: params: \{ a: \{ value: 1, min: 0, max: 10 \} \}/],
  ['a sparsity', { jacSparsity: {} }, 'ERR_OPTION', 'jacSparsity', /belongs to leastSquares/],
  ['an unknown loss', { loss: 'hubert' }, 'ERR_RANGE', 'loss', /'huber'.*got 'hubert'/],
  ['a loss scale of 0', { loss: 'huber', lossScale: 0 }, 'ERR_RANGE', 'lossScale', /a number above 0 or 'mad', got 0/],
  ['a loss scale of NaN', { loss: 'huber', lossScale: NaN }, 'ERR_RANGE', 'lossScale', /got NaN/],
  ['a loss scale as another word', { loss: 'huber', lossScale: 'std' }, 'ERR_RANGE', 'lossScale', /got 'std'/],
  ['a loss scale per point', { loss: 'huber', lossScale: [1] }, 'ERR_TYPE', 'lossScale', /got an array of 1/],
  ['an unknown method', { method: 'bfgs' }, 'ERR_RANGE', 'method', /'trf'.*got 'bfgs'/],
  ['an unknown estimator', { estimator: 'mle' }, 'ERR_RANGE', 'estimator', /'least-squares' or 'poisson', got 'mle'/],
  ['jac as a function', { jac: () => 0 }, 'ERR_TYPE', 'jac', /'auto'.*got a function/],
  ['polish as a word', { polish: 'yes' }, 'ERR_TYPE', 'polish', /true or false, got 'yes'/],
  ['geodesicAcceleration', { geodesicAcceleration: 1 }, 'ERR_TYPE', 'geodesicAcceleration', /true or false, got 1/],
  ['maxEval 0', { maxEval: 0 }, 'ERR_RANGE', 'maxEval', /an integer from 1/],
  ['covariance', { covariance: true }, 'ERR_RANGE', 'covariance', /'auto', 'pseudo-inverse' or false, got true/],
  ['xScale as a word', { xScale: 'auto' }, 'ERR_TYPE', 'xScale', /'jac' or an array with one number per parameter, got 'auto'/],
  ['xScale of another length', { xScale: [1] }, 'ERR_SHAPE', 'xScale', /expected 2 values \(a, k\), got 1/],
  ['xScale with 0', { xScale: [1, 0] }, 'ERR_RANGE', 'xScale[1]', /above 0, got 0/],
  ['weights and sigma', { weights: 1, sigma: 1 }, 'ERR_OPTION', 'weights', /give weights or sigma, not both/],
  ['a weight below 0', { weights: -1 }, 'ERR_RANGE', 'weights', /at least 0, got -1/],
  ['a weight of NaN', { weights: NaN }, 'ERR_RANGE', 'weights', /got NaN/],
  ['an infinite weight', { weights: Infinity }, 'ERR_NOT_FINITE', 'weights', /finite weight, got Infinity/],
  ['no weight at all', { weights: 0 }, 'ERR_RANGE', 'weights', /every weight is 0/],
  ['weights as text', { weights: '1' }, 'ERR_TYPE', 'weights', /got '1'/],
  ['sigma of counts', { estimator: 'poisson', sigma: 1 }, 'ERR_OPTION', 'sigma', /not with estimator: 'poisson'/],
  ['weights of counts', { estimator: 'poisson', weights: 1 }, 'ERR_OPTION', 'weights', /not with estimator: 'poisson'/],
  ['a loss of counts', { estimator: 'poisson', loss: 'huber' }, 'ERR_OPTION', 'loss', /minimises the deviance/],
  ['__proto__ as an option', JSON.parse('{"__proto__": 1}') as Record<string, unknown>, 'ERR_OPTION', '__proto__', /unknown option/],
  ['no model', { model: undefined }, 'ERR_TYPE', 'model', /expected a function.*got undefined/],
  ['a model as text', { model: 'a*x' }, 'ERR_TYPE', 'model', /expr\(text\)/],
  ['an object as model', { model: {} }, 'ERR_TYPE', 'model', /got an object/],
  ['no params', { params: undefined }, 'ERR_PARAMS', 'params', /needs its parameters named/],
  ['params as an array', { params: [1, 2] }, 'ERR_TYPE', 'params', /got an array of 2/],
  ['no parameter', { params: {} }, 'ERR_PARAMS', 'params', /names no parameter/],
  ['a parameter the model does not use', { params: { a: 1, k: 1, c: 1 } }, 'ERR_PARAMS', 'params.c', /the model does not contain it/],
  ['a start that is no number', { params: { a: 1, k: '1' } }, 'ERR_TYPE', 'params.k', /expected a number or \{ value, vary \}, got '1'/],
  ['a start of NaN', { params: { a: 1, k: NaN } }, 'ERR_NOT_FINITE', 'params.k', /finite number to start from, got NaN/],
  ['an infinite start', { params: { a: 1, k: { value: -Infinity } } }, 'ERR_NOT_FINITE', 'params.k.value', /got -Infinity/],
  ['a lower bound above the upper one', { params: { a: { value: 1, min: 2, max: 0 }, k: 1 } }, 'ERR_BOUNDS', 'params.a.min', /2 is above max, which is 0/],
  ['bounds without room', { params: { a: { value: 3, min: 3, max: 3 }, k: 1 } }, 'ERR_BOUNDS', 'params.a.min', /equals max; .* use \{ value: 3, vary: false \}/],
  ['a bound of NaN', { params: { a: { value: 1, min: NaN }, k: 1 } }, 'ERR_BOUNDS', 'params.a.min', /a number as bound, got NaN/],
  ['an upper bound of -Infinity', { params: { a: { value: 1, max: -Infinity }, k: 1 } }, 'ERR_BOUNDS', 'params.a.max', /got -Infinity/],
  ['a bound as text', { params: { a: { value: 1, min: '0' }, k: 1 } }, 'ERR_TYPE', 'params.a.min', /got '0'/],
  ['a start below', { params: { a: { value: -1, min: 0 }, k: 1 } }, 'ERR_START_OUTSIDE_BOUNDS', 'params.a', /the start -1 lies outside of its bounds, at least 0/],
  ['a start above', { params: { a: { value: 9, min: 0, max: 5 }, k: 1 } }, 'ERR_START_OUTSIDE_BOUNDS', 'params.a', /the start 9 lies outside of its bounds, 0 to 5/],
  ['a scale of 0', { params: { a: { value: 9, scale: 0 }, k: 1 } }, 'ERR_RANGE', 'params.a.scale', /above 0, got 0/],
  ['a tie with a bound', { params: { a: { expr: 'k', min: 0 }, k: 1 } }, 'ERR_PARAMS', 'params.a.min', /no other members/],
  ['a tie with a value', { params: { a: { expr: 'k', value: 0 }, k: 1 } }, 'ERR_PARAMS', 'params.a.value', /no other members/],
  ['a tie that does not vary', { params: { a: { expr: 'k', vary: false }, k: 1 } }, 'ERR_PARAMS', 'params.a.vary', /no other members/],
  ['a tie that is no text', { params: { a: { expr: 2 }, k: 1 } }, 'ERR_TYPE', 'params.a.expr', /as text, got 2/],
  ['a tie to nothing', { params: { a: { expr: '2*3' }, k: 1 } }, 'ERR_PARAMS', 'params.a.expr', /names no parameter; use \{ value, vary: false \}/],
  ['an empty tie', { params: { a: { expr: '' }, k: 1 } }, 'ERR_PARAMS', 'params.a.expr', /there is no expression/],
  ['a tie to a stranger', { params: { amp: { expr: 'rte*2' }, rate: 1 }, model: (x: number, p: any) => p.amp * Math.exp(-p.rate * x) }, 'ERR_PARAMS', 'params.amp.expr', /names 'rte', which is no parameter; did you mean 'rate'\?/],
  ['a tie to a predictor', { params: { a: { expr: 'x*k' }, k: 1 } }, 'ERR_PARAMS', 'params.a.expr', /names 'x', which is no parameter/],
  ['a tie to itself', { params: { a: { expr: 'a + k' }, k: 1 } }, 'ERR_PARAMS', 'params.a.expr', /is circular: a → a/],
  ['ties in a circle', { params: { a: { expr: 'k' }, k: { expr: 'b' }, b: { expr: 'a + 1' }, c: 1 } }, 'ERR_PARAMS', 'params.a.expr', /is circular: a → k → b → a/],
  ['a tie that cannot be read', { params: { a: { expr: 'k +' }, k: 1 } }, 'ERR_PARAMS', 'params.a.expr', /position/],
  ['an unknown member', { params: { a: { valu: 1 }, k: 1 } }, 'ERR_OPTION', 'params.a.valu', /did you mean 'value'\?/],
  ['vary that is no boolean', { params: { a: { value: 1, vary: 0 }, k: 1 } }, 'ERR_TYPE', 'params.a.vary', /true or false, got 0/],
  ['nothing that varies', { params: { a: { value: 1, vary: false }, k: { value: 1, vary: false } } }, 'ERR_PARAMS', 'params', /at least one parameter must vary/],
  ['sigma 0', { sigma: 0 }, 'ERR_RANGE', 'sigma', /above 0, got 0/],
  ['sigma below 0', { sigma: -1 }, 'ERR_RANGE', 'sigma', /above 0, got -1/],
  ['sigma NaN', { sigma: NaN }, 'ERR_RANGE', 'sigma', /got NaN/],
  ['sigma infinite', { sigma: Infinity }, 'ERR_NOT_FINITE', 'sigma', /got Infinity/],
  ['sigma without a reciprocal', { sigma: 1e-310 }, 'ERR_RANGE', 'sigma', /reciprocal/],
  ['sigma as text', { sigma: '1' }, 'ERR_TYPE', 'sigma', /got '1'/],
  ['sigmaIs', { sigmaIs: 'abs' }, 'ERR_RANGE', 'sigmaIs', /'absolute' or 'relative', got 'abs'/],
  ['nonFinite', { nonFinite: true }, 'ERR_TYPE', 'nonFinite', /'throw' or 'drop', got true/],
  ['ftol below 0', { ftol: -1 }, 'ERR_RANGE', 'ftol', /at least 0, got -1/],
  ['xtol NaN', { xtol: NaN }, 'ERR_RANGE', 'xtol', /got NaN/],
  ['gtol as text', { gtol: '1e-8' }, 'ERR_TYPE', 'gtol', /got '1e-8'/],
  ['no tolerance at all', { ftol: 0, xtol: 0, gtol: 0 }, 'ERR_RANGE', 'ftol', /all are 0/],
  ['maxIter 0', { maxIter: 0 }, 'ERR_RANGE', 'maxIter', /an integer from 1 to 65535, got 0/],
  ['maxIter 1.5', { maxIter: 1.5 }, 'ERR_RANGE', 'maxIter', /got 1.5/],
  ['maxIter 65536', { maxIter: 65536 }, 'ERR_RANGE', 'maxIter', /got 65536/],
  ['maxIter as a BigInt', { maxIter: 10n }, 'ERR_TYPE', 'maxIter', /the BigInt 10n/],
  ['engine', { engine: 'gpu' }, 'ERR_RANGE', 'engine', /'auto' or 'native' or 'portable', got 'gpu'/],
  ['numerics', { numerics: 'exact' }, 'ERR_RANGE', 'numerics', /'reproducible' or 'fast'/],
  ['signal', { signal: {} }, 'ERR_TYPE', 'signal', /expected an AbortSignal, got an object/],
  ['a controller for its signal', { signal: new AbortController() }, 'ERR_TYPE', 'signal', /expected an AbortSignal/],
  ['onProgress', { onProgress: true }, 'ERR_TYPE', 'onProgress', /expected a function, got true/],
  ['progressEveryMs', { progressEveryMs: -1 }, 'ERR_RANGE', 'progressEveryMs', /got -1/],
  ['maxSeconds', { maxSeconds: NaN }, 'ERR_RANGE', 'maxSeconds', /got NaN/],
];

const single: Bad[] = [
  ...shared,
  ['no x', { x: undefined }, 'ERR_TYPE', 'x', /got undefined/],
  ['x as text', { x: '12345' }, 'ERR_TYPE', 'x', /got '12345'/],
  ['x without names', { x: {} }, 'ERR_SHAPE', 'x', /names no predictor/],
  ['no y', { y: undefined }, 'ERR_TYPE', 'y', /expected an array of numbers, got undefined/],
  ['y as a function', { y: (v: number) => v }, 'ERR_TYPE', 'y', /got a function/],
  ['y as a promise', { y: Promise.resolve(y) }, 'ERR_TYPE', 'y', /got a Promise/],
  ['empty y', { y: [] }, 'ERR_SHAPE', 'y', /at least one value, got none/],
  ['y too short', { y: [1, 2] }, 'ERR_SHAPE', 'x', /expected 2 values to match y, got 5/],
  ['NaN in y', { y: [1, NaN, 3, 4, 5] }, 'ERR_NOT_FINITE', 'y[1]', /expected a finite number, got NaN/],
  ['infinity in x', { x: [1, 2, Infinity, 4, 5] }, 'ERR_NOT_FINITE', 'x[2]', /got Infinity/],
  ['text in y', { y: [1, 2, '3', 4, 5] }, 'ERR_TYPE', 'y[2]', /expected a number, got '3'/],
  ['null in y', { y: [1, 2, null, 4, 5] }, 'ERR_TYPE', 'y[2]', /got null/],
  ['a hole in y', { y: Object.assign([1, 2, 3, 4, 5], { 3: undefined }) }, 'ERR_TYPE', 'y[3]', /got undefined/],
  ['BigInt in y', { y: [1n, 2n, 3n, 4n, 5n] }, 'ERR_TYPE', 'y[4]', /the BigInt 5n/],
  ['a BigInt64Array', { y: new BigInt64Array(5) }, 'ERR_TYPE', 'y', /BigInt64Array; convert it/],
  ['a detached y', { y: detached(5) }, 'ERR_DETACHED', 'y', /detached/],
  ['a detached x', { x: detached(5) }, 'ERR_DETACHED', 'x', /detached/],
  ['an object that lies about its length', { y: { length: 2 ** 33, 0: 1 } }, 'ERR_TYPE', 'y[8589934591]', /got undefined/],
  ['an endless length', { y: { length: Infinity } }, 'ERR_TYPE', 'y', /expected an array of numbers/],
  ['an array in name only', { y: Object.create(Float64Array.prototype) as object }, 'ERR_TYPE', 'y', /whose length cannot be read/],
  ['a proxy of a typed array', { x: new Proxy(fx, {}) }, 'ERR_TYPE', 'x', /whose length cannot be read/],
  ['sigma in a proxy', { sigma: new Proxy(fx, {}) }, 'ERR_TYPE', 'sigma', /whose length cannot be read/],
  ['a length of 2^53', { y: { length: 2 ** 53, [2 ** 53 - 1]: 1 } }, 'ERR_TYPE', 'y', /expected an array of numbers/],
  ['y with a length that memory cannot hold', { y: { length: 2 ** 45, [2 ** 45 - 1]: 1 } }, 'ERR_SIZE', 'y', /do not fit into memory/],
  ['sigma of another length', { sigma: [1, 1] }, 'ERR_SHAPE', 'sigma', /expected 5 values to match y, got 2/],
  ['a sigma of 0 among others', { sigma: [1, 1, 0, 1, 1] }, 'ERR_RANGE', 'sigma[2]', /above 0, got 0/],
  ['a negative sigma, dropping', { sigma: [1, 1, -1, 1, 1], nonFinite: 'drop' }, 'ERR_RANGE', 'sigma[2]', /got -1/],
  ['nothing left', { y: [NaN, NaN, NaN, NaN, NaN], nonFinite: 'drop' }, 'ERR_NOT_FINITE', 'y', /no point is left/],
  ['starts 0', { starts: 0 }, 'ERR_RANGE', 'starts', /an integer from 1/],
  ['starts as another word', { starts: 'many' }, 'ERR_RANGE', 'starts', /a number or 'auto', got 'many'/],
  ['a seed below 0', { starts: 4, seed: -1 }, 'ERR_RANGE', 'seed', /got -1/],
  ['a trace as a word', { trace: 'x' }, 'ERR_TYPE', 'trace', /true, false or \{ x, every, max \}/],
  ['an unknown part of a trace', { trace: { evry: 2 } }, 'ERR_OPTION', 'trace.evry', /did you mean 'every'\?/],
  ['a callback that is none', { callback: 1 }, 'ERR_TYPE', 'callback', /a function, got 1/],
  ['onNonFinite', { onNonFinite: 'ignore' }, 'ERR_RANGE', 'onNonFinite', /'reject-step' or 'stop' or 'throw'/],
  ['a checkpoint of something else', { resumeFrom: {} }, 'ERR_TYPE', 'resumeFrom', /expected a checkpoint/],
  ['many starts of a run that is followed', { starts: 4, trace: true }, 'ERR_OPTION', 'starts', /follow one run/],
  ['counts below 0', { estimator: 'poisson', y: [1, 2, -3, 4, 5] }, 'ERR_RANGE', 'y[2]', /counts of at least 0, got -3/],
  ['weights of another length', { weights: [1, 2] }, 'ERR_SHAPE', 'weights', /expected 5 values to match y, got 2/],
  ['a negative weight among others', { weights: [1, 1, 1, -1, 1] }, 'ERR_RANGE', 'weights[3]', /at least 0, got -1/],
  ['weights that are all 0', { weights: [0, 0, 0, 0, 0] }, 'ERR_RANGE', 'weights', /every weight is 0/],
  ['a fixed parameter without a value', { model: expr('a*exp(-k*x)'), params: { k: { vary: false } } }, 'ERR_PARAMS', 'params.k.value', /that does not vary needs a value/],
  ['a parameter that neither model nor tie has', { model: expr('a*exp(-k*x)'), params: { b: 1, a: { expr: 'k' } } }, 'ERR_PARAMS', 'params.b', /the model does not contain it/],
  ['a start missing for a function', { params: { a: 1, k: {} } }, 'ERR_PARAMS', 'params.k.value', /needs a value to start from/],
  ['an option of batches', { threads: 2 }, 'ERR_OPTION', 'threads', /unknown option 'threads'/],
  ['predictors that the model does not have', { x: { t: x }, model: expr('a*exp(-k*u)', ['u']) }, 'ERR_SHAPE', 'x.u', /needs this predictor; x has t/],
  ['one x for two predictors', { model: modelOf(['u', 'v'], ['a', 'k'], (x, p) => p.a * x.u + p.k * x.v) }, 'ERR_SHAPE', 'x', /2 predictors: expected \{ u, v \}/],
  ['a predictor of another length', { x: { u: x, v: [1] }, model: modelOf(['u', 'v'], ['a', 'k'], (x, p) => p.a * x.u + p.k * x.v) }, 'ERR_SHAPE', 'x.v', /expected 5 values to match y, got 1/],
  ['a name unknown to the model', { model: expr('a*exp(-rate*x)'), params: { a: 1, rte: 1 } }, 'ERR_PARAMS', 'params.rte', /its parameters are a, rate; did you mean 'rate'\?/],
];

const batch: Bad[] = [
  ...shared,
  ['a plain array as y', { y }, 'ERR_TYPE', 'y', /expected a Float64Array or Float32Array, got an array of 5/],
  ['a plain array as x', { x }, 'ERR_TYPE', 'x', /expected a Float64Array or Float32Array, got an array of 5/],
  ['an Int32Array as y', { y: new Int32Array(10) }, 'ERR_TYPE', 'y', /got a Int32Array of 10/],
  ['a proxy of an array', { y: new Proxy(fy, {}) }, 'ERR_TYPE', 'y', /got an object/],
  ['a class that lies about its length', { y: new Liar(10) }, 'ERR_TYPE', 'y', /a length that is not its own/],
  ['empty y', { y: new Float64Array(0) }, 'ERR_SHAPE', 'y', /at least one value/],
  ['empty x', { x: new Float64Array(0) }, 'ERR_SHAPE', 'x', /at least one value/],
  ['a detached y', { y: detached(10) }, 'ERR_DETACHED', 'y', /detached/],
  ['a detached init', { init: detached(4) }, 'ERR_DETACHED', 'init', /detached/],
  ['y that is no multiple', { y: new Float64Array(11) }, 'ERR_SHAPE', 'y', /expected a multiple of the 5 values of x, got 11/],
  ['NaN in a shared x', { x: Float64Array.of(0, 1, NaN, 3, 4) }, 'ERR_NOT_FINITE', 'x[2]', /got NaN/],
  ['offsets as an array', { offsets: [0, 5, 10], x: fy }, 'ERR_TYPE', 'offsets', /expected a Uint32Array, got an array of 3/],
  ['offsets that do not begin at 0', { offsets: Uint32Array.of(1, 5, 10), x: fy }, 'ERR_RANGE', 'offsets[0]', /expected 0, where y begins, got 1/],
  ['offsets that descend', { offsets: Uint32Array.of(0, 6, 5, 10), x: fy }, 'ERR_RANGE', 'offsets[2]', /ascending positions, got 5 after 6/],
  ['an empty fit', { offsets: Uint32Array.of(0, 5, 5, 10), x: fy }, 'ERR_SHAPE', 'offsets[2]', /fit 1 has no points/],
  ['offsets with another end', { offsets: Uint32Array.of(0, 5, 9), x: fy }, 'ERR_RANGE', 'offsets[2]', /expected 10, where y ends, got 9/],
  ['one offset', { offsets: Uint32Array.of(0), x: fy }, 'ERR_SHAPE', 'offsets', /at least 2 values/],
  ['a shared x with offsets', { offsets: Uint32Array.of(0, 5, 10) }, 'ERR_SHAPE', 'x', /expected 10 values to match y, since offsets are given, got 5/],
  ['init of another length', { init: new Float64Array(3) }, 'ERR_SHAPE', 'init', /expected 2 values \(one per parameter\), or 4 for 2 fits, got 3/],
  ['init as another word', { init: 'random' }, 'ERR_RANGE', 'init', /expected starts or 'guess', got 'random'/],
  ['a start of one fit outside', { params: { a: { min: 0 }, k: {} }, init: Float64Array.of(1, 1, -1, 1) }, 'ERR_START_OUTSIDE_BOUNDS', 'init[2]', /the start -1 lies outside/],
  ['weights in an array', { weights: [1, 1, 1, 1, 1] }, 'ERR_TYPE', 'weights', /a Float64Array or Float32Array/],
  ['weights of another length', { weights: new Float64Array(3) }, 'ERR_SHAPE', 'weights', /expected 5 values for all fits, or 10 values to match y, got 3/],
  ['a weight below 0 among others', { weights: Float64Array.of(1, 1, -1, 1, 1) }, 'ERR_RANGE', 'weights[2]', /at least 0, got -1/],
  ['counts below 0', { estimator: 'poisson', y: Float64Array.of(1, 2, 3, 4, 5, 1, 2, -3, 4, 5) }, 'ERR_RANGE', 'y[7]', /counts of at least 0, got -3/],
  ['starts', { starts: 4 }, 'ERR_OPTION', 'starts', /unknown option/],
  ['a shared init with NaN', { init: Float64Array.of(1, NaN) }, 'ERR_NOT_FINITE', 'init[1]', /finite start for k, got NaN/],
  ['sigma of another length', { sigma: new Float64Array(3).fill(1) }, 'ERR_SHAPE', 'sigma', /expected 5 values for all fits, or 10 values to match y, got 3/],
  ['a sigma of 0', { sigma: Float64Array.of(1, 1, 1, 0, 1) }, 'ERR_RANGE', 'sigma[3]', /above 0, got 0/],
  ['threads 0', { threads: 0 }, 'ERR_RANGE', 'threads', /an integer from 1 to 1024, got 0/],
  ['single precision', { precision: 'f32' }, 'ERR_RANGE', 'precision', /expected 'f64', got 'f32'/],
  ['outputs as a word', { outputs: 'r2' }, 'ERR_TYPE', 'outputs', /an array of names, got 'r2'/],
  ['an unknown output', { outputs: ['r2', 'trace'] }, 'ERR_RANGE', 'outputs[1]', /got 'trace'/],
  ['out as an array', { out: [] }, 'ERR_TYPE', 'out', /an object with arrays/],
  ['an unknown result in out', { out: { statuses: new Uint8Array(2) } }, 'ERR_OPTION', 'out.statuses', /did you mean 'status'\?/],
  ['out of another type', { out: { status: new Float64Array(2) } }, 'ERR_TYPE', 'out.status', /expected a Uint8Array, got a Float64Array of 2/],
  ['out in single precision', { out: { params: new Float32Array(4) } }, 'ERR_TYPE', 'out.params', /expected a Float64Array/],
  ['out of another length', { out: { params: new Float64Array(5) } }, 'ERR_SHAPE', 'out.params', /expected 4 values, got 5/],
  ['a detached out', { out: { params: detached(4) } }, 'ERR_DETACHED', 'out.params', /detached/],
];

describe('options', () => {
  it.each([undefined, null, 1, 'a', [], () => 1])('curveFit refuses %s for its options', (options) => {
    expectInput(() => curveFit(options as never), 'ERR_TYPE', 'options', /expects one object with its options/);
  });
  it.each(single)('curveFit refuses %s', (_, change, code, argument, message) => {
    expectInput(() => curveFit({ ...good, ...change } as never), code, argument, message);
  });
  it.each(single)('curveFitAsync rejects %s', async (_, change, code, argument) => {
    await expect(curveFitAsync({ ...good, ...change } as never)).rejects.toMatchObject({ code, argument });
  });
  it.each(batch)('curveFitBatchSync refuses %s', (_, change, code, argument, message) => {
    expectInput(() => curveFitBatchSync({ ...goodBatch, ...change } as never), code, argument, message);
  });
  it.each(batch)('curveFitBatch rejects %s', async (_, change, code, argument) => {
    await expect(curveFitBatch({ ...goodBatch, ...change } as never)).rejects.toMatchObject({ code, argument });
  });
});

describe('overlapping arrays', () => {
  it('refuses outputs that share memory with each other or with inputs', () => {
    const memory = new Float64Array(16);
    const stdErr = memory.subarray(3, 7);
    expectInput(
      () => curveFitBatchSync({ ...goodBatch, out: { params: memory.subarray(0, 4), stdErr } }),
      'ERR_OVERLAP', 'out.stdErr', /shares memory with out\.params/,
    );
    const own = new Float64Array(14);
    own.set(fy);
    const inside = { ...goodBatch, y: own.subarray(0, 10) };
    expectInput(() => curveFitBatchSync({ ...inside, out: { ssr: own.subarray(9, 11) } }), 'ERR_OVERLAP', 'out.ssr', /shares memory with y/);
    expect(curveFitBatchSync({ ...inside, out: { ssr: own.subarray(10, 12) } }).converged).toBe(2);
  });
});

describe('user values are read once', () => {
  it('calls every getter a single time', () => {
    const reads = new Map<string, number>();
    const watched = new Proxy({ ...good, sigma: 1, maxIter: 50 }, {
      get(target, key) {
        reads.set(String(key), (reads.get(String(key)) ?? 0) + 1);
        return Reflect.get(target, key) as unknown;
      },
    });
    curveFit(watched);
    for (const key of ['x', 'y', 'model', 'params', 'sigma', 'maxIter']) expect([key, reads.get(key)]).toEqual([key, 1]);
  });
});

describe('models', () => {
  const run = model as unknown as (...args: unknown[]) => unknown;
  const runOf = modelOf as unknown as (...args: unknown[]) => unknown;
  const runExpr = expr as unknown as (...args: unknown[]) => unknown;
  const bad: [string, () => unknown, string, string, RegExp][] = [
    ['names that are no array', () => run('ab', decay), 'ERR_TYPE', 'names', /an array of names, got 'ab'/],
    ['a name that is no text', () => run(['a', 1], decay), 'ERR_TYPE', 'names[1]', /expected a name, got 1/],
    ['no names', () => run([], decay), 'ERR_SHAPE', 'names', /at least one name/],
    ['a name twice', () => run(['a', 'k', 'a'], decay), 'ERR_PARAMS', 'names[2]', /'a' is there twice/],
    ['__proto__', () => run(['__proto__'], decay), 'ERR_TYPE', 'names[0]', /expected a name/],
    ['no function', () => run(['a'], 'a*x'), 'ERR_TYPE', 'fn', /expected a function.*got 'a\*x'/],
    ['an unknown option', () => run(['a', 'k'], decay, { scop: {} }), 'ERR_OPTION', 'scop', /did you mean 'scope'/],
    ['options that are no object', () => run(['a', 'k'], decay, 1), 'ERR_TYPE', 'options', /got 1/],
    ['a scope that is no object', () => run(['a', 'k'], decay, { scope: 1 }), 'ERR_TYPE', 'scope', /got 1/],
    ['a value in scope that is no number', () => run(['a', 'k'], decay, { scope: { T0: '1' } }), 'ERR_TYPE', 'scope.T0', /got '1'/],
    ['a name that is no text', () => run(['a', 'k'], decay, { name: 1 }), 'ERR_TYPE', 'name', /got 1/],
    ['another requirement', () => run(['a', 'k'], decay, { require: 'fast' }), 'ERR_RANGE', 'require', /'compiled'/],
    ['what cannot be compiled, if it must be', () => run(['a'], () => Math.random(), { require: 'compiled' }), 'ERR_MODEL', 'fn', /cannot be compiled: .*Math\.random/],
    ['predictors that are no array', () => runOf('x', ['a'], () => 1), 'ERR_TYPE', 'predictors', /an array of names/],
    ['text that is no text', () => runExpr(1), 'ERR_TYPE', 'source', /expected text, got 1/],
    ['text with a fault', () => runExpr('a*exp(-k*x'), 'ERR_MODEL', 'source', /\^/],
    ['predictors of text that are no array', () => runExpr('a*x', 'x'), 'ERR_TYPE', 'predictors', /an array of names/],
    ['evaluate with a parameter missing', () => expr('a*x+b').evaluate([1], { a: 1 }), 'ERR_TYPE', 'p.b', /expected a number, got undefined/],
    ['evaluate with an unknown parameter', () => expr('amp*x').evaluate([1], { amp: 1, anp: 1 }), 'ERR_PARAMS', 'p.anp', /did you mean 'amp'/],
    ['evaluate without x', () => expr('a*x').evaluate(undefined as never, { a: 1 }), 'ERR_TYPE', 'x', /got undefined/],
    ['evaluate with too few predictors', () => modelOf(['u', 'v'], ['a'], (x, p) => p.a * x.u * x.v).evaluate([[1]], { a: 1 }), 'ERR_SHAPE', 'x', /expected 2 arrays/],
    ['evaluate without parameters', () => expr('a*x').evaluate([1], 1 as never), 'ERR_TYPE', 'p', /a value for each parameter, got 1/],
  ];
  it.each(bad)('refuses %s', (_, call, code, argument, message) => expectInput(call, code, argument, message));
});

describe('engines', () => {
  it.each([['2', 'ERR_TYPE'], [0, 'ERR_RANGE'], [1.5, 'ERR_RANGE'], [1025, 'ERR_RANGE'], [NaN, 'ERR_RANGE'], [undefined, 'ERR_TYPE']])('setThreads refuses %s', (n, code) => {
    expectInput(() => setThreads(n as number), code, 'n', /an integer from 1 to 1024/);
  });
  it('throws EngineError where the engine asked for is missing', () => {
    if (engineInfo().whyNotNative === undefined || engineInfo().whyNotNative === 'NADIR_ENGINE is portable') return;
    expect(() => curveFit({ ...good, engine: 'native' })).toThrow(EngineError);
  });
  it.each([
    [[undefined], 'ERR_TYPE', 'run'],
    [[() => 1, 1], 'ERR_TYPE', 'o'],
    [[() => 1, { repeat: 1 }], 'ERR_OPTION', 'repeat'],
    [[() => 1, { repeats: 0 }], 'ERR_RANGE', 'repeats'],
    [[() => 1, { warmup: -1 }], 'ERR_RANGE', 'warmup'],
  ])('compareEngines refuses %j', async (args, code, argument) => {
    await expect((compareEngines as (...a: unknown[]) => Promise<unknown>)(...args)).rejects.toMatchObject({ code, argument });
  });
});

describe('results', () => {
  const fit = curveFit(good);
  const result = curveFitBatchSync(goodBatch);
  it('refuse what they do not have', () => {
    expectInput(() => fit.predict('x' as never), 'ERR_TYPE', 'x', /got 'x'/);
    expectInput(() => fit.report({ digits: 0 }), 'ERR_RANGE', 'digits', /from 1 to 17/);
    expectInput(() => result.column('kk' as never), 'ERR_PARAMS', 'name', /expected one of a, k, got 'kk'/);
    expectInput(() => curveFitBatchSync({ x: fx, y: fy, model: expr('amp*exp(-rate*x)') }).column('rte'), 'ERR_PARAMS', 'name', /did you mean 'rate'\?/);
    expectInput(() => result.at(2), 'ERR_RANGE', 'i', /from 0 to 1, got 2/);
    expectInput(() => result.statusOf(-1), 'ERR_RANGE', 'i', /got -1/);
    expectInput(() => result.at(0.5), 'ERR_RANGE', 'i', /got 0.5/);
  });
});
