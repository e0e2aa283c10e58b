// How well an enzyme's constants are known: standard errors, intervals, a bootstrap, a band around
// the curve, the error of a derived quantity, and whether a larger model is worth it.
// Data: examples/data/puromycin.csv, treated cells. Run: node examples/uncertainty.mjs
import { compareModels, curveFit, models } from 'nadir';
import { offsetsOf, readCsv } from './read-csv.mjs';

const data = readCsv('puromycin.csv');
const [from, to] = offsetsOf(data.state);
const [x, y] = [data.conc.slice(from, to), data.rate.slice(from, to)];

// the model finds its starts; `efficiency` follows the others and gets an error by propagation
const fit = curveFit({
  model: models.michaelisMenten(),
  x,
  y,
  params: { efficiency: { expr: 'vmax/km' } },
}).orThrow();

const linear = fit.confidenceIntervals(0.95);
const profile = fit.confidenceIntervals(0.95, 'profile');
const samples = await fit.bootstrap({ samples: 2000, seed: 1 });

const digits = { vmax: 1, km: 4, efficiency: 0 };
const show = (name, [low, high]) =>
  `${low.toFixed(digits[name])} to ${high.toFixed(digits[name])}`.padEnd(18);
function middle95(values) {
  const sorted = values.slice().sort();
  return [sorted[Math.floor(0.025 * sorted.length)], sorted[Math.ceil(0.975 * sorted.length) - 1]];
}

console.log('            value     std. error  95 %, linear      95 %, profile     95 %, bootstrap');
for (const [name, { value, stdErr }] of Object.entries(fit.params)) {
  console.log(
    name.padEnd(12) +
      value.toFixed(digits[name]).padEnd(10) +
      stdErr.toFixed(digits[name]).padEnd(12) +
      show(name, linear[name]) +
      show(name, profile[name]) +
      show(name, middle95(samples[name])).trimEnd(),
  );
}

const at = [0.1];
const curve = fit.confidenceBand(at);
const next = fit.predictionBand(at);
console.log(
  `\nat 0.1 ppm the rate is ${curve.fit[0].toFixed(1)}, ` +
    `with 95 % probability ${curve.lower[0].toFixed(1)} to ${curve.upper[0].toFixed(1)}; ` +
    `the next measurement will lie between ${next.lower[0].toFixed(1)} and ${next.upper[0].toFixed(1)}`,
);

// does cooperativity (Hill's n) explain more than its additional parameter costs?
const cooperative = curveFit({ model: models.hill(), x, y });
console.log(`\n${compareModels({ michaelis: fit, hill: cooperative }).table}`);
