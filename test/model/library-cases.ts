// Ready models with random true parameters and places to measure, over many orders of magnitude of
// both units.

import { models } from '../../src/index.ts';
import type { AnyModel } from '../../src/index.ts';

/** Uniform numbers in [0, 1) from a seed (Numerical Recipes' quick generator). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
  /** Evenly in the logarithm. */
  scale(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }
  sign(): number {
    return this.next() < 0.5 ? -1 : 1;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

export interface Trial {
  readonly params: readonly number[];
  /** One array per predictor. */
  readonly x: readonly Float64Array[];
}

export interface Case {
  readonly name: string;
  readonly model: AnyModel<string>;
  /** Standard deviation of the noise, over the range of the curve. */
  readonly noise: number;
  trial(random: Random): Trial;
}

export function evenly(start: number, end: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => start + ((end - start) * i) / (count - 1));
}

const row = (
  name: string, model: AnyModel<string>, trial: (random: Random) => Trial, noise = 0.05,
): Case => ({ name, model, noise, trial });

/** A window somewhere on the axis, and in it a peak. */
const peak = (
  name: string, model: AnyModel<string>, widths: readonly [number, number],
  more: (random: Random, width: number) => number[] = () => [],
  places: readonly [number, number] = [0.15, 0.85],
): Case =>
  row(name, model, (random) => {
    const start = random.between(-100, 100);
    const range = random.scale(0.01, 1000);
    const width = range * random.scale(...widths);
    return {
      params: [
        random.sign() * random.scale(0.01, 1000), start + range * random.between(...places), width,
        ...more(random, width),
      ],
      x: [evenly(start, start + range, Math.floor(random.between(40, 200)))],
    };
  });

/** From 0 to a random end; `params` receives the end. */
const fromZero = (
  name: string, model: AnyModel<string>, count: number,
  params: (random: Random, end: number) => number[], noise = 0.05, first = 0,
): Case =>
  row(name, model, (random) => {
    const end = random.scale(0.01, 1000);
    return { params: params(random, end), x: [evenly(first * end, end, count)] };
  }, noise);

/** Doses over six decades about a typical one. */
const doses = (
  name: string, model: AnyModel<string>, count: number,
  params: (random: Random, dose: number) => number[], noise: number,
): Case =>
  row(name, model, (random) => {
    const dose = random.scale(1e-9, 1e3);
    return {
      params: params(random, dose),
      x: [evenly(-3, 3, count).map((power) => dose * 10 ** power)],
    };
  }, noise);

const { gaussian, lorentzian, line, exponential } = models;
const twoPeaks = (
  one: () => AnyModel<string>,
): AnyModel<string> => one().prefix('a_').plus(one().prefix('b_')).plus(line());
const twoPeakTrial = (random: Random): Trial => {
  const start = random.between(-100, 100);
  const range = random.scale(0.01, 1000);
  const height = random.scale(0.1, 100);
  return {
    params: [
      height, start + range * random.between(0.2, 0.4), range * random.scale(0.02, 0.06),
      height * random.scale(0.3, 3), start + range * random.between(0.6, 0.8),
      range * random.scale(0.02, 0.06),
      (random.between(-1, 1) * height) / range, random.between(-5, 5) * height,
    ],
    x: [evenly(start, start + range, Math.floor(random.between(60, 200)))],
  };
};

const forms = ['linear', 'arctan', 'erf', 'logistic'] as const;

export const cases: readonly Case[] = [
  row('constant', models.constant(), (r) => ({ params: [r.between(-5, 5)], x: [evenly(0, 1, 20)] })),
  row('line', line(), (r) => ({
    params: [r.between(-5, 5), r.between(-100, 100)], x: [evenly(3, 8, 20)],
  })),
  row('polynomial', models.polynomial(5), (r) => ({
    params: Array.from({ length: 6 }, () => r.between(-5, 5)), x: [evenly(-3, 10, 40)],
  })),
  fromZero('exponential', exponential(), 64, (r, end) =>
    [r.sign() * r.scale(0.01, 100), r.scale(0.5, 30) / end, r.between(-50, 50)]),
  fromZero('exponential growth', exponential(), 64, (r, end) =>
    [r.sign() * r.scale(0.01, 100), -r.scale(0.5, 6) / end, r.between(-50, 50)]),
  fromZero('biexponential', models.biexponential(), 100, (r, end) => {
    const slow = r.scale(1, 5) / end;
    return [r.scale(0.3, 3), slow * r.scale(4, 20), r.scale(0.3, 3), slow, r.between(-1, 1)];
  }, 0.005),
  peak('gaussian', gaussian(), [0.01, 0.2]),
  peak('lorentzian', lorentzian(), [0.01, 0.2]),
  peak('voigt', models.voigt(), [0.02, 0.1], (r, width) => [width * r.scale(0.2, 3)]),
  peak('pseudoVoigt', models.pseudoVoigt(), [0.02, 0.1], (r) => [r.next()]),
  doses('logistic4', models.logistic4(), 12, (r, dose) =>
    [r.between(0, 20), r.between(50, 120), dose * r.scale(0.1, 10), r.sign() * r.scale(0.6, 4)],
  0.05),
  doses('logistic5', models.logistic5(), 30, (r, dose) => {
    const levels = [r.between(0, 20), r.between(50, 120)];
    if (r.next() < 0.5) levels.reverse();
    return [...levels, dose * r.scale(0.3, 3), r.scale(0.8, 3), r.scale(0.4, 3)];
  }, 0.01),
  fromZero('michaelisMenten', models.michaelisMenten(), 20, (r, end) =>
    [r.scale(0.1, 1000), end * r.scale(0.03, 2)], 0.05, 0.05),
  row('powerLaw', models.powerLaw(), (r) => ({
    params: [r.sign() * r.scale(0.01, 100), r.between(-2, 3)], x: [evenly(1, 20, 30)],
  })),
  row('sine', models.sine(), (r) => {
    const range = r.scale(0.01, 1000);
    const count = Math.floor(r.between(40, 200));
    return {
      params: [r.scale(0.1, 10), r.between(0.7, count / 4) / range, r.between(-3, 3),
        r.between(-50, 50)],
      x: [evenly(3, 3 + range, count)],
    };
  }, 0.1),
  row('sine at uneven places', models.sine(), (r) => {
    const range = r.scale(0.01, 1000);
    const count = Math.floor(r.between(60, 200));
    return {
      params: [r.scale(0.1, 10), r.between(0.7, count / 5) / range, r.between(-3, 3),
        r.between(-50, 50)],
      x: [Float64Array.from({ length: count }, () => r.between(0, range))],
    };
  }, 0.1),
  fromZero('dampedSine', models.dampedSine(), 120, (r, end) =>
    [r.scale(0.1, 10), r.between(2, 24) / end, r.between(-3, 3), r.scale(0.5, 6) / end,
      r.between(-5, 5)], 0.03),
  fromZero('gompertz', models.gompertz(), 30, (r, end) =>
    [r.scale(0.1, 1000), r.scale(2, 50), r.scale(5, 15) / end]),
  peak('moffat', models.moffat(), [0.02, 0.1], (r) => [r.scale(1, 5)]),
  peak('pearson7', models.pearson7(), [0.02, 0.1], (r) => [r.scale(0.8, 3.5)]),
  peak('student', models.student(), [0.02, 0.1], (r) => [r.scale(0.8, 8)]),
  peak('breitWigner', models.breitWigner(), [0.05, 0.3], (r) => [r.sign() * r.scale(0.4, 4)],
    [0.25, 0.75]),
  row('logNormal', models.logNormal(), (r) => {
    const center = r.scale(0.01, 100);
    return {
      params: [r.sign() * r.scale(0.1, 100), center, r.scale(0.15, 1)],
      x: [evenly(center / 20, 6 * center, 100)],
    };
  }),
  // A tail much shorter than sigma drowns in the noise: the data then prefer none, and tau runs to 0.
  peak('expGaussian', models.expGaussian(), [0.01, 0.05], (r, width) => [width * r.scale(1, 5)],
    [0.15, 0.6]),
  peak('skewedGaussian', models.skewedGaussian(), [0.03, 0.12], (r) => [r.sign() * r.scale(0.5, 5)],
    [0.3, 0.7]),
  peak('doniach', models.doniach(), [0.01, 0.06], (r) => [r.between(0, 0.35)]),
  ...forms.map((form) => peak(`step ${form}`, models.step(form), [0.04, 0.1], undefined, [0.3, 0.7])),
  ...forms.map((form) => fromZero(`rectangle ${form}`, models.rectangle(form), 100, (r, end) =>
    [r.scale(0.1, 100), end * r.between(0.25, 0.35), end * r.scale(0.06, 0.12),
      end * r.between(0.65, 0.75), end * r.scale(0.06, 0.12)])),
  row('gaussian2d', models.gaussian2d(), (r) => ({
    params: [r.sign() * r.scale(0.1, 1000), r.between(4, 10), r.between(4, 10), r.between(1, 3),
      r.between(1, 3), r.between(-10, 10)],
    x: [
      Float64Array.from({ length: 225 }, (_, i) => i % 15),
      Float64Array.from({ length: 225 }, (_, i) => Math.floor(i / 15)),
    ],
  })),
  fromZero('weibull', models.weibull(), 40, (r, end) =>
    [r.scale(0.1, 1000), end * r.scale(0.15, 0.7), r.scale(0.8, 4)]),
  fromZero('hill', models.hill(), 20, (r, end) =>
    [r.scale(0.1, 1000), end * r.scale(0.08, 0.6), r.scale(0.8, 4)], 0.05, 0.05),
  row('arrhenius', models.arrhenius(), (r) => ({
    params: [r.scale(1e3, 1e12), r.between(2e4, 9e4)], x: [evenly(280, 400, 25)],
  })),
  fromZero('logisticGrowth', models.logisticGrowth(), 30, (r, end) =>
    [r.scale(0.1, 1000), r.scale(6, 25) / end, end * r.between(0.2, 0.75)]),
  fromZero('bateman', models.bateman(), 40, (r, end) => {
    const elimination = r.scale(0.7, 4) / end;
    return [r.scale(0.1, 1000), elimination * r.scale(2.5, 20), elimination];
  }, 0.02),
  row('two Gaussians on a line', twoPeaks(gaussian), twoPeakTrial),
  row('two Lorentzians on a line', twoPeaks(lorentzian), twoPeakTrial),
  fromZero('a Gaussian on a decay', gaussian().plus(exponential().prefix('e_')), 120, (r, end) => {
    const height = r.scale(0.1, 100);
    return [height, end * r.between(0.3, 0.7), end * r.scale(0.02, 0.06),
      height * r.between(0.5, 3), r.between(1, 5) / end, r.between(-1, 1) * height];
  }),
];
