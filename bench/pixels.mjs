// Images as curves over two predictors: one Gaussian on 256 × 256 pixels, and batches of small spots.

import { curveFit, curveFitBatchSync, models } from '../dist/index.js';
import { stream } from './data.mjs';
import { interleave, percent, seconds, table } from './measure.mjs';

const names = ['amp', 'xcen', 'ycen', 'xsigma', 'ysigma', 'offset'];

/** Column and row of every pixel, row by row. */
function gridOf(size) {
  const at = (pick) => Float64Array.from({ length: size * size }, (_, i) => pick(i));
  return { x: at((i) => i % size), y: at((i) => Math.floor(i / size)) };
}

/** One row of pixels after another, `count` images. */
function imagesOf(size, count, draw) {
  const { uniform, normal } = stream(4321);
  const { x, y } = gridOf(size);
  const pixels = new Float64Array(count * size * size);
  const truth = new Float64Array(count * names.length);
  for (let k = 0; k < count; k++) {
    const [amp, xcen, ycen, xsigma, ysigma, offset] = draw(uniform);
    truth.set([amp, xcen, ycen, xsigma, ysigma, offset], k * names.length);
    for (let i = 0; i < size * size; i++) {
      const u = (x[i] - xcen) / xsigma,
        v = (y[i] - ycen) / ysigma;
      pixels[k * size * size + i] = amp * Math.exp(-(u * u + v * v) / 2) + offset + 10 * normal();
    }
  }
  return { x: { x, y }, y: pixels, truth };
}

const large = (uniform) => [
  uniform(400, 600), uniform(110, 146), uniform(110, 146), uniform(20, 40), uniform(20, 40), 10,
];
const small = (uniform) => [
  uniform(400, 600), uniform(6, 8), uniform(6, 8), uniform(1.7, 2.3), uniform(1.7, 2.3), 10,
];

export async function pixels({ hasNative, rounds }) {
  const engines = hasNative ? ['native', 'portable'] : ['portable'];
  const image = imagesOf(256, 1, large);
  const counts = { native: 4000, portable: 400 };
  const spots = imagesOf(15, Math.max(...engines.map((engine) => counts[engine])), small);
  const contestants = {};
  for (const engine of engines) {
    const count = counts[engine];
    const batch = { model: models.gaussian2d(), x: spots.x, y: spots.y.subarray(0, count * 225), engine };
    contestants[`${engine}, 256 × 256, from a guess`] = async () =>
      1 / (await seconds(() => curveFit({ model: models.gaussian2d(), x: image.x, y: image.y, engine })));
    contestants[`${engine}, 15 × 15, from guesses`] = async () =>
      count / (await seconds(() => curveFitBatchSync({ ...batch, init: 'guess', threads: 1 })));
    const init = spots.truth.slice(0, count * names.length).map((value, i) => value * (i % 2 === 0 ? 1.1 : 0.9));
    contestants[`${engine}, 15 × 15, from starts`] = async () =>
      count / (await seconds(() => curveFitBatchSync({ ...batch, init, threads: 1 })));
  }
  const figures = await interleave(contestants, rounds);
  console.log('\nPixels: two-dimensional Gaussians, 6 parameters, one thread');
  console.log(
    table(
      ['', 'images/s', 'ms per image', 'spread'],
      Object.entries(figures).map(([title, { median, spread }]) => [
        title,
        median,
        1e3 / median,
        percent(spread),
      ]),
    ),
  );
  return { imagesPerSecond: figures };
}
