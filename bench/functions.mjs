// The mathematical functions of the portable engine against Math.*, over arguments of everyday size.

import { Bench } from 'tinybench';
import * as errorFunction from '../dist/portable/math/error-function.js';
import * as exponential from '../dist/portable/math/exp.js';
import * as hyperbolic from '../dist/portable/math/hyperbolic.js';
import * as logarithm from '../dist/portable/math/log.js';
import * as power from '../dist/portable/math/pow.js';
import * as trigonometric from '../dist/portable/math/trigonometric.js';
import { stream } from './data.mjs';
import { table } from './measure.mjs';

const own = { ...errorFunction, ...exponential, ...hyperbolic, ...logarithm, ...power, ...trigonometric };
const ranges = {
  exp: [-20, 20], expm1: [-2, 2], log: [0.01, 100], log1p: [-0.5, 5], pow: [0.1, 10],
  sin: [-50, 50], cos: [-50, 50], tan: [-50, 50], sinh: [-5, 5], tanh: [-3, 3], erf: [-3, 3],
};
const count = 1024;

export async function functions() {
  const { uniform } = stream(11);
  const bench = new Bench({ time: 200, warmupTime: 50, retainSamples: false });
  let sink = 0;
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const x = Float64Array.from({ length: count }, () => uniform(low, high));
    const add = (title, f) =>
      bench.add(title, new Function('f', 'x', 'count', 'use',
        'return () => { let s = 0; for (let i = 0; i < count; i++) s += f(x[i], x[count - 1 - i]); use(s); };',
      )(f, x, count, (s) => { sink += s; }));
    add(`${name} own`, own[name]);
    if (name in Math) add(`${name} Math`, Math[name]);
  }
  await bench.run();
  if (Number.isNaN(sink)) throw new Error('a function returned NaN for an argument of its range');
  const nanoseconds = Object.fromEntries(
    bench.tasks.map(({ name, result }) => [name, Number(((1e6 * result.latency.mean) / count).toPrecision(3))]));
  console.log('\nFunctions of the portable engine: nanoseconds per value');
  console.log(table(['', 'own', 'Math', 'ratio'], Object.keys(ranges).map((name) => {
    const [a, b] = [nanoseconds[`${name} own`], nanoseconds[`${name} Math`]];
    return [name, a, b ?? '–', b === undefined ? '–' : `${(a / b).toFixed(2)} ×`];
  })));
  return nanoseconds;
}
