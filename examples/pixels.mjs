// Pixels: a model of two predictors by name, first on one image of 256 × 256, then on many small
// spots in one batch, as in localisation microscopy. Run: node examples/pixels.mjs [spots]
import { curveFit, curveFitBatch, models } from 'nadir';

const spots = Number(process.argv[2] ?? 2000);

// xorshift (Marsaglia 2003): the same images on every run
let state = 2463534242;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4294967296;
}
const noise = () => 10 * (random() + random() + random() - 1.5);

// column and row of every pixel: the predictors x and y of the model
function gridOf(size) {
  const x = Float64Array.from({ length: size * size }, (_, i) => i % size);
  const y = Float64Array.from({ length: size * size }, (_, i) => Math.floor(i / size));
  return { x, y };
}
const model = models.gaussian2d();
const draw = (grid, params) => model.evaluate(grid, params).map((value) => value + noise());

// one large image: 65,536 points; no start is given, so the model guesses one from the pixels
const large = gridOf(256);
const truth = { amp: 500, xcen: 121.3, ycen: 140.8, xsigma: 31, ysigma: 24, offset: 20 };
const image = curveFit({ model, x: large, y: draw(large, truth) });
console.log(`256 × 256 pixels: ${image.status} after ${image.nIter} iterations`);
for (const [name, { value, stdErr }] of Object.entries(image.params)) {
  console.log(`${name.padEnd(8)}${value.toFixed(4).padStart(10)} ± ${stdErr.toFixed(4)}`);
}

// many small ones: all share the grid, each has a guess of its own
const small = gridOf(15);
const pixels = new Float64Array(spots * 225);
const centres = [];
for (let k = 0; k < spots; k++) {
  const xcen = 6 + 2 * random();
  const ycen = 6 + 2 * random();
  centres.push(xcen);
  pixels.set(
    draw(small, { amp: 400 + 200 * random(), xcen, ycen, xsigma: 2, ysigma: 2, offset: 10 }),
    k * 225,
  );
}
const batch = await curveFitBatch({ model, x: small, y: pixels, init: 'guess', outputs: ['stdErr'] });

// how good are the centres? the distance from the truth, in standard errors, should be about 1
const column = batch.paramNames.indexOf('xcen');
let sum = 0;
batch.column('xcen').forEach((xcen, k) => {
  sum += ((xcen - centres[k]) / batch.stdErr[k * batch.paramNames.length + column]) ** 2;
});
console.log(`${batch.converged} of ${spots} spots of 15 × 15 pixels converged`);
console.log(`xcen is off by ${Math.sqrt(sum / spots).toFixed(2)} standard errors (root mean square)`);
