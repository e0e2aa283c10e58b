// The 35 problems of Moré, Garbow & Hillstrom (1981), "Testing unconstrained optimization
// software", ACM Trans. Math. Softw. 7, section 3, under their numbers. Numbers 1 to 20; the rest is
// in more-garbow-hillstrom-sized.ts. Minima to the digits of the paper are refined by the tests.

import type { ResidualProblem } from './residual-problem.ts';

const { exp, sqrt, cos, sin, log } = Math;

const bardY = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const gaussianY = [
  0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044, 0.0009,
];
const meyerY = [
  34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
];
const kowalikY = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
const kowalikU = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const osborne1Y = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
  0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
];
const osborne2Y = [
  1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
  0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.5, 0.423, 0.395,
  0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645,
  0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

/** Fills a row from a list: r, then derivatives. */
function put(row: Float64Array, values: readonly number[]): void {
  row.set(values);
}

export const smallProblems: readonly ResidualProblem[] = [
  {
    name: '1 Rosenbrock', n: 2, m: 2, start: [-1.2, 1], minima: [0],
    row: (i, x, row) => put(row, i === 0 ? [10 * (x[1]! - x[0]! ** 2), -20 * x[0]!, 10] : [1 - x[0]!, -1, 0]),
  },
  {
    name: '2 Freudenstein and Roth', n: 2, m: 2, start: [0.5, -2], minima: [0, 48.984253679240],
    row: (i, x, row) => {
      const [a, b] = [x[0]!, x[1]!];
      put(row, i === 0
        ? [-13 + a + ((5 - b) * b - 2) * b, 1, (10 - 3 * b) * b - 2]
        : [-29 + a + ((b + 1) * b - 14) * b, 1, (3 * b + 2) * b - 14]);
    },
  },
  {
    name: '3 Powell badly scaled', n: 2, m: 2, start: [0, 1], minima: [0],
    row: (i, x, row) => {
      const [a, b] = [x[0]!, x[1]!];
      put(row, i === 0 ? [1e4 * a * b - 1, 1e4 * b, 1e4 * a] : [exp(-a) + exp(-b) - 1.0001, -exp(-a), -exp(-b)]);
    },
  },
  {
    name: '4 Brown badly scaled', n: 2, m: 3, start: [1, 1], minima: [0],
    row: (i, x, row) => {
      const [a, b] = [x[0]!, x[1]!];
      put(row, i === 0 ? [a - 1e6, 1, 0] : i === 1 ? [b - 2e-6, 0, 1] : [a * b - 2, b, a]);
    },
  },
  {
    name: '5 Beale', n: 2, m: 3, start: [1, 1], minima: [0],
    row: (i, x, row) => {
      const [a, b] = [x[0]!, x[1]!], k = i + 1, y = [1.5, 2.25, 2.625][i]!;
      put(row, [y - a * (1 - b ** k), -(1 - b ** k), a * k * b ** (k - 1)]);
    },
  },
  {
    name: '6 Jennrich and Sampson', n: 2, m: 10, start: [0.3, 0.4], minima: [124.36218235561],
    row: (i, x, row) => {
      const k = i + 1, a = exp(k * x[0]!), b = exp(k * x[1]!);
      put(row, [2 + 2 * k - (a + b), -k * a, -k * b]);
    },
  },
  {
    name: '7 Helical valley', n: 3, m: 3, start: [-1, 0, 0], minima: [0],
    row: (i, x, row) => {
      const [a, b, c] = [x[0]!, x[1]!, x[2]!], square = a * a + b * b, length = sqrt(square);
      const theta = a === 0 ? 0.25 * Math.sign(b) : Math.atan(b / a) / (2 * Math.PI) + (a < 0 ? 0.5 : 0);
      if (i === 0) put(row, [10 * (c - 10 * theta), (50 * b) / (Math.PI * square), (-50 * a) / (Math.PI * square), 10]);
      else if (i === 1) put(row, [10 * (length - 1), (10 * a) / length, (10 * b) / length, 0]);
      else put(row, [c, 0, 0, 1]);
    },
  },
  {
    name: '8 Bard', n: 3, m: 15, start: [1, 1, 1], minima: [8.2148773065789e-3], atInfinity: [17.428691391],
    row: (i, x, row) => {
      const u = i + 1, v = 15 - i, w = Math.min(u, v), d = v * x[1]! + w * x[2]!;
      put(row, [bardY[i]! - (x[0]! + u / d), -1, (u * v) / d ** 2, (u * w) / d ** 2]);
    },
  },
  {
    name: '9 Gaussian', n: 3, m: 15, start: [0.4, 1, 0], minima: [1.1279327696189e-8],
    row: (i, x, row) => {
      const d = (7 - i) / 2 - x[2]!, e = exp((-x[1]! * d * d) / 2);
      put(row, [x[0]! * e - gaussianY[i]!, e, (-x[0]! * e * d * d) / 2, x[0]! * e * x[1]! * d]);
    },
  },
  {
    name: '10 Meyer', n: 3, m: 16, start: [0.02, 4000, 250], minima: [87.945855170936], atInfinity: [],
    row: (i, x, row) => {
      const d = 50 + 5 * i + x[2]!, e = exp(x[1]! / d);
      put(row, [x[0]! * e - meyerY[i]!, e, (x[0]! * e) / d, (-x[0]! * e * x[1]!) / d ** 2]);
    },
  },
  {
    name: '11 Gulf research and development', n: 3, m: 99, start: [5, 2.5, 0.15], minima: [0], atInfinity: [0.038],
    row: (i, x, row) => {
      const t = (i + 1) / 100, d = 25 + (-50 * log(t)) ** (2 / 3) - x[1]!, size = Math.abs(d);
      const power = size ** x[2]!, e = exp(-power / x[0]!);
      put(row, [
        e - t, (e * power) / x[0]! ** 2, (e * power * x[2]!) / (d * x[0]!), (-e * power * log(size)) / x[0]!,
      ]);
    },
  },
  {
    name: '12 Box three-dimensional', n: 3, m: 10, start: [0, 10, 20], minima: [0], atInfinity: [0.0755887],
    row: (i, x, row) => {
      const t = 0.1 * (i + 1), a = exp(-t * x[0]!), b = exp(-t * x[1]!), c = exp(-t) - exp(-10 * t);
      put(row, [a - b - x[2]! * c, -t * a, t * b, -c]);
    },
  },
  {
    name: '13 Powell singular', n: 4, m: 4, start: [3, -1, 0, 1], minima: [0],
    row: (i, x, row) => {
      const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
      if (i === 0) put(row, [a + 10 * b, 1, 10, 0, 0]);
      else if (i === 1) put(row, [sqrt(5) * (c - d), 0, 0, sqrt(5), -sqrt(5)]);
      else if (i === 2) put(row, [(b - 2 * c) ** 2, 0, 2 * (b - 2 * c), -4 * (b - 2 * c), 0]);
      else put(row, [sqrt(10) * (a - d) ** 2, 2 * sqrt(10) * (a - d), 0, 0, -2 * sqrt(10) * (a - d)]);
    },
  },
  {
    name: '14 Wood', n: 4, m: 6, start: [-3, -1, -3, -1], minima: [0],
    row: (i, x, row) => {
      const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
      const rows = [
        [10 * (b - a * a), -20 * a, 10, 0, 0],
        [1 - a, -1, 0, 0, 0],
        [sqrt(90) * (d - c * c), 0, 0, -2 * sqrt(90) * c, sqrt(90)],
        [1 - c, 0, 0, -1, 0],
        [sqrt(10) * (b + d - 2), 0, sqrt(10), 0, sqrt(10)],
        [(b - d) / sqrt(10), 0, 1 / sqrt(10), 0, -1 / sqrt(10)],
      ];
      put(row, rows[i]!);
    },
  },
  {
    name: '15 Kowalik and Osborne', n: 4, m: 11, start: [0.25, 0.39, 0.415, 0.39], minima: [3.0750560384923e-4, 4.2367462646983e-4],
    atInfinity: [1.0273459e-3],
    row: (i, x, row) => {
      const u = kowalikU[i]!, above = u * u + u * x[1]!, below = u * u + u * x[2]! + x[3]!, f = (x[0]! * above) / below;
      put(row, [kowalikY[i]! - f, -above / below, (-x[0]! * u) / below, (f * u) / below, f / below]);
    },
  },
  {
    name: '16 Brown and Dennis', n: 4, m: 20, start: [25, 5, -5, -1], minima: [85822.201626356],
    row: (i, x, row) => {
      const t = (i + 1) / 5, a = x[0]! + t * x[1]! - exp(t), b = x[2]! + x[3]! * sin(t) - cos(t);
      put(row, [a * a + b * b, 2 * a, 2 * a * t, 2 * b, 2 * b * sin(t)]);
    },
  },
  {
    name: '17 Osborne 1', n: 5, m: 33, start: [0.5, 1.5, -1, 0.01, 0.02], minima: [5.4648946975030e-5],
    row: (i, x, row) => {
      const t = 10 * i, a = exp(-t * x[3]!), b = exp(-t * x[4]!);
      put(row, [osborne1Y[i]! - (x[0]! + x[1]! * a + x[2]! * b), -1, -a, -b, t * x[1]! * a, t * x[2]! * b]);
    },
  },
  {
    name: '18 Biggs EXP6', n: 6, m: 13, start: [1, 2, 1, 1, 1, 1], minima: [0, 5.6556499255e-3], atInfinity: [0.30636677],
    row: (i, x, row) => {
      const t = 0.1 * (i + 1), y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t);
      const a = exp(-t * x[0]!), b = exp(-t * x[1]!), c = exp(-t * x[4]!);
      put(row, [
        x[2]! * a - x[3]! * b + x[5]! * c - y, -t * x[2]! * a, t * x[3]! * b, a, -b, -t * x[5]! * c, c,
      ]);
    },
  },
  {
    name: '19 Osborne 2', n: 11, m: 65, start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    minima: [4.0137736293548e-2],
    row: (i, x, row) => {
      const t = i / 10, e = exp(-t * x[4]!);
      row[0] = osborne2Y[i]! - x[0]! * e;
      row[1] = -e;
      row[5] = t * x[0]! * e;
      for (let k = 1; k < 4; k++) {
        const d = t - x[7 + k]!, g = exp(-d * d * x[4 + k]!);
        row[0] = row[0]! - x[k]! * g;
        row[1 + k] = -g;
        row[5 + k] = x[k]! * d * d * g;
        row[8 + k] = -2 * x[k]! * d * x[4 + k]! * g;
      }
    },
  },
  {
    name: '20 Watson', n: 6, m: 31, start: [0, 0, 0, 0, 0, 0], minima: [2.2876700535524e-3],
    row: (i, x, row) => {
      if (i === 29) return put(row, [x[0]!, 1, 0, 0, 0, 0, 0]);
      if (i === 30) return put(row, [x[1]! - x[0]! ** 2 - 1, -2 * x[0]!, 1, 0, 0, 0, 0]);
      const t = (i + 1) / 29;
      let slope = 0, value = 0;
      for (let j = 0; j < 6; j++) {
        if (j > 0) slope += j * x[j]! * t ** (j - 1);
        value += x[j]! * t ** j;
      }
      row[0] = slope - value * value - 1;
      for (let j = 0; j < 6; j++) row[j + 1] = (j > 0 ? j * t ** (j - 1) : 0) - 2 * value * t ** j;
    },
  },
];
