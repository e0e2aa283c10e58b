// Fits with long valleys and many digits to be had, from published starts and data: Kowalik &
// Osborne 1968 (MGH09), Meyer 1970 (MGH10), Ratkowsky 1983 (Rat43), Misra 1978 (Misra1d), Lanczos
// 1956, all in the NIST Statistical Reference Datasets (public domain). Solutions by Newton's method
// in 90 digits on the decimal data.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, expr } from '../../src/index.ts';

interface Problem {
  readonly name: string;
  readonly model: string;
  readonly x: number[];
  readonly y: number[];
  readonly starts: number[][];
  readonly params: number[];
  readonly stdErr: number[];
  readonly ssr: number;
}

const range = (points: number, first: number, step: number): number[] =>
  Array.from({ length: points }, (_, i) => Number((first + i * step).toFixed(2)));

const problems: Problem[] = [
  {
    name: 'MGH09',
    model: 'b1*(x^2 + x*b2)/(x^2 + x*b3 + b4)',
    x: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
    y: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
    starts: [[25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]],
    params: [0.1928069345790379, 0.19128232873436676, 0.12305650692632074, 0.13606233068379475],
    stdErr: [0.011435312226554261, 0.19633220911016247, 0.08084203123175197, 0.09002554230823741],
    ssr: 0.0003075056038492378,
  },
  {
    name: 'MGH10',
    model: 'b1*exp(b2/(x + b3))',
    x: range(16, 50, 5),
    y: [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
    starts: [[2, 400000, 25000], [0.02, 4000, 250]],
    params: [0.005609636471028053, 6181.346346286372, 345.2236346241365],
    stdErr: [0.0001568789247088753, 23.309021106879285, 0.7848610350764592],
    ssr: 87.94585517085112,
  },
  {
    name: 'Rat43',
    model: 'b1/((1 + exp(b2 - b3*x))^(1/b4))',
    x: range(15, 1, 1),
    y: [16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41],
    starts: [[100, 10, 1, 1], [700, 5, 0.75, 1.3]],
    params: [699.6415126964456, 5.277125302450038, 0.7596293832941339, 1.279248385909712],
    stdErr: [16.30229781669706, 2.082873582946131, 0.1956612345088763, 0.6876193638497279],
    ssr: 8786.404907963146,
  },
  {
    name: 'Misra1d',
    model: 'b1*b2*x*((1 + b2*x)^(-1))',
    x: [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760],
    y: [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
    starts: [[500, 0.0001], [450, 0.0003]],
    params: [437.3697075398934, 0.00030227324449004327],
    stdErr: [3.6489174345246216, 2.933435447925515e-6],
    ssr: 0.05641929528264694,
  },
  {
    name: 'Lanczos2',
    model: 'b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)',
    x: range(24, 0, 0.05),
    y: range(24, 0, 0.05).map((t) =>
      Number((0.0951 * Math.exp(-t) + 0.8607 * Math.exp(-3 * t) + 1.5576 * Math.exp(-5 * t)).toPrecision(6))),
    starts: [[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], [0.5, 0.7, 3.6, 4.2, 4, 6.3]],
    params: [0.09625102993889023, 1.0057332848597507, 0.8642468905550492, 3.007828391489776, 1.5529016878724904, 5.002879809983997],
    stdErr: [0.0006677057547495874, 0.003398964617524814, 0.0017185846684492018, 0.004170700585521502, 0.0023744381416082832, 0.0013958787283903868],
    ssr: 2.2299428123869123e-11,
  },
];

const digits = (a: number | null, b: number): number => (a === b ? 17 : -Math.log10(Math.abs(a! / b - 1)));
/** Terms that may change places do so by their rates. */
const order = (names: string[], values: Record<string, number>, { name }: Problem): string[] =>
  name === 'Lanczos2'
    ? [1, 3, 5].sort((i, j) => values[names[i]!]! - values[names[j]!]!).flatMap((k) => [names[k - 1]!, names[k]!])
    : names;

const cases = problems.flatMap((problem) =>
  problem.starts.map((start, i) => [problem.name, i + 1, problem, start] as const));

describe.each(cases)('%s from start %i', (_, __, problem, start) => {
  const { x, y, starts, params, stdErr, ssr } = problem;
  const model = expr(problem.model);
  const names = start.map((___, k) => `b${k + 1}`);
  const params0 = Object.fromEntries(names.map((name, k) => [name, start[k]!]));

  it('has its digits at default options', () => {
    const fit = curveFit({ x, y, model, params: params0 });
    expect({ status: fit.status, success: fit.success }).toMatchObject({ success: true });
    order(names, fit.values, problem).forEach((name, k) => {
      expect(digits(fit.values[name]!, params[k]!), name).toBeGreaterThan(8);
      expect(digits(fit.params[name]!.stdErr, stdErr[k]!), name).toBeGreaterThan(7);
    });
    expect(digits(fit.stats.ssr, ssr)).toBeGreaterThan(9);
  });

  it('has the same bits in a batch of its starts', () => {
    const alone = curveFit({ x, y, model, params: params0 });
    const batch = curveFitBatchSync({
      x: Float64Array.from(x), y: Float64Array.from([...y, ...y]), model, params: params0, init: Float64Array.from(starts.flat()),
    });
    const i = starts.indexOf(start as number[]), n = names.length;
    expect(Array.from(batch.params.subarray(n * i, n * i + n))).toEqual(names.map((name) => alone.values[name]));
    expect(batch.statusOf(i)).toBe(alone.status);
  });

  it.each(['2-point', '3-point'] as const)('claims nothing false with %s differences', (jac) => {
    const fit = curveFit({ x, y, model, params: params0, jac });
    if (!fit.success) return;
    order(names, fit.values, problem).forEach((name, k) =>
      expect(digits(fit.values[name]!, params[k]!), name).toBeGreaterThan(4));
  });

  it.each(['lm', 'trf', 'dogbox', 'gauss-newton'] as const)('claims nothing false with %s', (method) => {
    const fit = curveFit({ x, y, model, params: params0, method });
    if (!fit.success) return;
    order(names, fit.values, problem).forEach((name, k) =>
      expect(digits(fit.values[name]!, params[k]!), name).toBeGreaterThan(4));
  });
});
