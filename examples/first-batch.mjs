// A first batch: 100,000 noisy decays, each with its own parameters, fitted in one call.
// Run: node examples/first-batch.mjs [number of curves]
import { curveFitBatch, engineInfo } from 'nadir';

const curves = Number(process.argv[2] ?? 100_000);
const points = 64;

// xorshift (Marsaglia 2003): the same data on every run
let state = 2463534242;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4294967296;
}

// one x for all curves, and y one curve after another
const x = Float64Array.from({ length: points }, (_, i) => i / 16);
const y = new Float64Array(curves * points);
const trueRate = new Float64Array(curves);
for (let curve = 0; curve < curves; curve++) {
  const amplitude = 4 + 2 * random();
  const rate = (trueRate[curve] = 0.8 + 0.8 * random());
  for (let i = 0; i < points; i++) {
    const noise = random() + random() + random() - 1.5;
    y[curve * points + i] = amplitude * Math.exp(-rate * x[i]) + 0.5 + 0.05 * noise;
  }
}

const result = await curveFitBatch({
  model: (x, p) => p.a * Math.exp(-p.k * x) + p.c,
  x,
  y,
  // without `offsets` the number of curves is the length of y over the length of x
  params: { a: 5, k: 1, c: 0 },
  outputs: ['stdErr'],
  onProgress: ({ done, total }) => console.error(`${Math.round((100 * done) / total)} %`),
});

const { name, simd, threads } = engineInfo();
console.log(
  `${result.converged} of ${result.nFits} curves converged (${name} engine, ${simd}, ${threads} threads)`,
);
console.log(`${Math.round(result.fitsPerSecond).toLocaleString('en')} fits per second`);

// how good are they? the distance from the truth, in standard errors, should be about 1
const rate = result.column('k');
const k = result.paramNames.indexOf('k');
let sum = 0;
for (let curve = 0; curve < curves; curve++) {
  const stdErr = result.stdErr[curve * result.paramNames.length + k];
  sum += ((rate[curve] - trueRate[curve]) / stdErr) ** 2;
}
console.log(`k is off by ${Math.sqrt(sum / curves).toFixed(2)} standard errors (root mean square)`);
for (const curve of result.failures().slice(0, 5)) {
  console.log(`curve ${curve}: ${result.statusOf(curve)}`);
}
