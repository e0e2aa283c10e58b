// Images as curves over two predictors by name.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, models } from '../../src/index.ts';
import { noise } from './data.ts';

function gridOf(size: number): { x: Float64Array; y: Float64Array } {
  const at = (pick: (i: number) => number): Float64Array => Float64Array.from({ length: size * size }, (_, i) => pick(i));
  return { x: at((i) => i % size), y: at((i) => Math.floor(i / size)) };
}
const names = ['amp', 'xcen', 'ycen', 'xsigma', 'ysigma', 'offset'] as const;

describe('one image of 256 × 256 pixels', () => {
  const truth = { amp: 500, xcen: 121.3, ycen: 140.8, xsigma: 31, ysigma: 24, offset: 20 };
  const grid = gridOf(256);
  const next = noise(99);
  const image = models.gaussian2d().evaluate(grid, truth).map((value) => value + 20 * next());
  const fit = curveFit({ model: models.gaussian2d(), x: grid, y: image });

  it('is fitted from its own guess', () => {
    expect(fit.success).toBe(true);
    expect(fit.stats.n).toBe(65536);
    for (const name of names) {
      const { value, stdErr } = fit.params[name];
      expect(Math.abs(value - truth[name]) / stdErr!).toBeLessThan(4);
    }
  });

  it('has the standard errors of theory', () => {
    // Continuous pixels: var(xcen) = σ²·2/(π·amp²)·xsigma/ysigma, var(amp) = 2σ²/(π·xsigma·ysigma)
    // to the order of the offset's; both from the Fisher information of a Gaussian without it.
    const s = Math.sqrt(fit.stats.reducedChi2);
    const { amp, xsigma, ysigma } = truth;
    expect(fit.params.xcen.stdErr! / (s * Math.sqrt((2 * xsigma) / (Math.PI * amp * amp * ysigma)))).toBeCloseTo(1, 2);
    expect(fit.params.ycen.stdErr! / (s * Math.sqrt((2 * ysigma) / (Math.PI * amp * amp * xsigma)))).toBeCloseTo(1, 2);
  });

  it('is the same with a function of named predictors', () => {
    const own = curveFit({
      model: (at, p) => {
        const u = (at.x - p.xcen) / p.xsigma, v = (at.y - p.ycen) / p.ysigma;
        return p.amp * Math.exp(-(u * u + v * v) / 2) + p.offset;
      },
      x: grid,
      y: image,
      params: { amp: 400, xcen: 128, ycen: 128, xsigma: 25, ysigma: 25, offset: 0 },
    });
    for (const name of names) expect(own.values[name] / fit.values[name]).toBeCloseTo(1, 8);
  });
});

describe('many small spots', () => {
  const spots = 200, grid = gridOf(15);
  const next = noise(7);
  const truth: Record<(typeof names)[number], number>[] = [];
  const pixels = new Float64Array(spots * 225);
  for (let k = 0; k < spots; k++) {
    const one = { amp: 500 + 100 * next(), xcen: 7 + next(), ycen: 7 + next(), xsigma: 2 + 0.3 * next(), ysigma: 2 + 0.3 * next(), offset: 10 };
    truth.push(one);
    pixels.set(models.gaussian2d().evaluate(grid, one).map((value) => value + 20 * next()), k * 225);
  }

  it('are fitted as one batch from guesses, with honest errors', () => {
    const batch = curveFitBatchSync({ model: models.gaussian2d(), x: grid, y: pixels, init: 'guess', outputs: ['stdErr'] });
    expect(batch.converged).toBe(spots);
    names.forEach((name, j) => {
      let sum = 0;
      batch.column(name).forEach((value, k) => (sum += ((value - truth[k]![name]) / batch.stdErr![6 * k + j]!) ** 2));
      // 200 squares of normal scores: mean 1, standard deviation 0.1
      expect(Math.abs(sum / spots - 1)).toBeLessThan(0.4);
    });
  });
});
