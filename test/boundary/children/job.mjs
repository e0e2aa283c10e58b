// What the children share: the add-on and a job for it, without any other code of the project.
import { createRequire } from 'node:module';

const { words, constants } = JSON.parse(process.env.NADIR_TEST_PROGRAM);
const { argumentNames, numberFields, numberFieldCount } = JSON.parse(process.env.NADIR_TEST_LAYOUT);

export const load = () => createRequire(import.meta.url)(process.env.NADIR_TEST_BINARY);

export const createProgram = (addon) =>
  addon.createProgram(Int32Array.from(words), Float64Array.from(constants));

/** Arguments of `fit` from the second one on. */
export function makeJob(fits, points, threads) {
  const x = Float64Array.from({ length: points }, (_, i) => (5 * i) / points);
  const y = new Float64Array(fits * points);
  for (let k = 0; k < fits; k++)
    for (let i = 0; i < points; i++) y[k * points + i] = Math.exp(-x[i] * (0.5 + k / fits)) + 0.25;
  const numbers = new Float64Array(numberFieldCount);
  Object.entries({
    fits, points, xShared: 1, initShared: 1, ftol: 1e-8, xtol: 1e-8, gtol: 1e-8, maxIter: 200,
    threads, maxSeconds: Infinity,
  }).forEach(([name, value]) => {
    numbers[numberFields[name]] = value;
  });
  const given = {
    numbers, y, x, init: Float64Array.of(1, 1, 0), params: new Float64Array(3 * fits),
    ssr: new Float64Array(fits), status: new Uint8Array(fits), iterations: new Uint16Array(fits),
  };
  return argumentNames.slice(1).map((name) => given[name] ?? null);
}

/** The parameters that a job has found. */
export const paramsOf = (args) => args[argumentNames.indexOf('params') - 1];

/** Runs a job to its end; `started` is given its handle. */
export const startFit = (addon, program, args, started) =>
  new Promise((resolve, reject) => {
    const deliver = (outcome) => {
      try {
        if (addon.deliverResults(job)) setImmediate(deliver, outcome);
        else resolve(outcome);
      } catch (error) {
        reject(error);
      }
    };
    const bring = () => {
      if (addon.bringData(job)) setImmediate(bring);
    };
    const job = addon.startFit(
      (done, stopCode) => setImmediate(deliver, { done, stopCode }), program, ...args,
    );
    setImmediate(bring);
    started?.(job);
  });
