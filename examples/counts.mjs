// Counts are neither normal nor equally certain: the Poisson estimator weighs them by what the
// model expects, and takes the empty ones as they are. In how many of 2608 intervals did a source
// send so many alpha particles? Data: examples/data/scintillations.csv. Run: node examples/counts.mjs
import { curveFit, modelOf } from 'nadir';
import { readCsv } from './read-csv.mjs';

const { particles, intervals } = readCsv('scintillations.csv');
const factorial = particles.map((count) => {
  let product = 1;
  for (let k = 2; k <= count; k++) product *= k;
  return product;
});

const poisson = modelOf(
  ['count', 'factorial'],
  ['total', 'rate'],
  (x, p) => (p.total * Math.exp(-p.rate) * p.rate ** x.count) / x.factorial,
);
const problem = {
  model: poisson,
  x: { count: particles, factorial },
  y: intervals,
  params: { total: { value: 2000, min: 0 }, rate: { value: 2, min: 0.01 } },
};

const show = ({ value, stdErr }, digits) => `${value.toFixed(digits)} ± ${stdErr.toFixed(digits)}`;
console.log('                  intervals       particles per interval');
for (const estimator of ['least-squares', 'poisson']) {
  const { params } = curveFit({ ...problem, estimator }).orThrow();
  console.log(`${estimator.padEnd(18)}${show(params.total, 1).padEnd(16)}${show(params.rate, 4)}`);
}

// what theory says of a Poisson distribution: the mean, and √(mean/n)
const n = intervals.reduce((sum, count) => sum + count);
const mean = intervals.reduce((sum, count, k) => sum + count * particles[k], 0) / n;
console.log(`counted           ${n}            ${mean.toFixed(4)} ± ${Math.sqrt(mean / n).toFixed(4)}`);
