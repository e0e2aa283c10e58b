// Problems 21 to 35 of Moré, Garbow & Hillstrom (1981), whose size is free; the sizes here are those
// that the paper states minima for.

import type { ResidualProblem } from './residual-problem.ts';

const { exp, sqrt, cos, sin } = Math;

const numbers = (n: number, value: (j: number) => number): number[] => Array.from({ length: n }, (_, j) => value(j));
const sum = (n: number, term: (j: number) => number): number => numbers(n, term).reduce((a, b) => a + b, 0);

/** Shifted Chebyshev polynomials T_1 … T_count at x, and their derivatives. */
function chebyshev(count: number, x: number): { values: number[]; slopes: number[] } {
  const values = [1, 2 * x - 1], slopes = [0, 2];
  for (let k = 2; k <= count; k++) {
    values.push(2 * (2 * x - 1) * values[k - 1]! - values[k - 2]!);
    slopes.push(4 * values[k - 1]! + 2 * (2 * x - 1) * slopes[k - 1]! - slopes[k - 2]!);
  }
  return { values, slopes };
}

function linearRankOne(): ResidualProblem {
  const n = 10, m = 20;
  return {
    name: '33 Linear, rank 1', n, m, start: numbers(n, () => 1), minima: [(m * (m - 1)) / (2 * (2 * m + 1))],
    row: (i, x, row) => {
      row[0] = (i + 1) * sum(n, (j) => (j + 1) * x[j]!) - 1;
      for (let j = 0; j < n; j++) row[j + 1] = (i + 1) * (j + 1);
    },
  };
}

export const sizedProblems: readonly ResidualProblem[] = [
  {
    name: '21 Extended Rosenbrock', n: 10, m: 10, start: numbers(10, (j) => (j % 2 === 0 ? -1.2 : 1)), minima: [0],
    row: (i, x, row) => {
      const j = i - (i % 2);
      row[0] = i % 2 === 0 ? 10 * (x[j + 1]! - x[j]! ** 2) : 1 - x[j]!;
      row[j + 1] = i % 2 === 0 ? -20 * x[j]! : -1;
      row[j + 2] = i % 2 === 0 ? 10 : 0;
    },
  },
  {
    name: '22 Extended Powell', n: 12, m: 12, start: numbers(12, (j) => [3, -1, 0, 1][j % 4]!), minima: [0],
    row: (i, x, row) => {
      const k = i - (i % 4), [a, b, c, d] = [x[k]!, x[k + 1]!, x[k + 2]!, x[k + 3]!];
      const part = [
        [a + 10 * b, 1, 10, 0, 0],
        [sqrt(5) * (c - d), 0, 0, sqrt(5), -sqrt(5)],
        [(b - 2 * c) ** 2, 0, 2 * (b - 2 * c), -4 * (b - 2 * c), 0],
        [sqrt(10) * (a - d) ** 2, 2 * sqrt(10) * (a - d), 0, 0, -2 * sqrt(10) * (a - d)],
      ][i % 4]!;
      row[0] = part[0]!;
      for (let j = 1; j <= 4; j++) row[k + j] = part[j]!;
    },
  },
  {
    name: '23 Penalty I', n: 4, m: 5, start: [1, 2, 3, 4], minima: [2.2499775008999e-5],
    row: (i, x, row) => {
      if (i < 4) {
        row[0] = sqrt(1e-5) * (x[i]! - 1);
        row[i + 1] = sqrt(1e-5);
      } else {
        row[0] = sum(4, (j) => x[j]! ** 2) - 0.25;
        for (let j = 0; j < 4; j++) row[j + 1] = 2 * x[j]!;
      }
    },
  },
  {
    name: '24 Penalty II', n: 4, m: 8, start: [0.5, 0.5, 0.5, 0.5], minima: [9.3762930e-6],
    row: (i, x, row) => {
      const n = 4, root = sqrt(1e-5), k = i + 1;
      if (k === 1) {
        row[0] = x[0]! - 0.2;
        row[1] = 1;
      } else if (k <= n) {
        row[0] = root * (exp(x[i]! / 10) + exp(x[i - 1]! / 10) - exp(k / 10) - exp((k - 1) / 10));
        row[i + 1] = (root * exp(x[i]! / 10)) / 10;
        row[i] = (root * exp(x[i - 1]! / 10)) / 10;
      } else if (k < 2 * n) {
        const j = k - n;
        row[0] = root * (exp(x[j]! / 10) - exp(-1 / 10));
        row[j + 1] = (root * exp(x[j]! / 10)) / 10;
      } else {
        row[0] = sum(n, (j) => (n - j) * x[j]! ** 2) - 1;
        for (let j = 0; j < n; j++) row[j + 1] = 2 * (n - j) * x[j]!;
      }
    },
  },
  {
    name: '25 Variably dimensioned', n: 10, m: 12, start: numbers(10, (j) => 1 - (j + 1) / 10), minima: [0],
    row: (i, x, row) => {
      const total = sum(10, (j) => (j + 1) * (x[j]! - 1));
      if (i < 10) {
        row[0] = x[i]! - 1;
        row[i + 1] = 1;
        return;
      }
      row[0] = i === 10 ? total : total * total;
      for (let j = 0; j < 10; j++) row[j + 1] = (i === 10 ? 1 : 2 * total) * (j + 1);
    },
  },
  {
    name: '26 Trigonometric', n: 10, m: 10, start: numbers(10, () => 0.1), minima: [0, 2.7950561218777e-5, 4.2186338879e-5],
    row: (i, x, row) => {
      row[0] = 10 - sum(10, (j) => cos(x[j]!)) + (i + 1) * (1 - cos(x[i]!)) - sin(x[i]!);
      for (let j = 0; j < 10; j++) row[j + 1] = sin(x[j]!);
      row[i + 1] = row[i + 1]! + (i + 1) * sin(x[i]!) - cos(x[i]!);
    },
  },
  {
    name: '27 Brown almost-linear', n: 10, m: 10, start: numbers(10, () => 0.5), minima: [0, 1],
    row: (i, x, row) => {
      if (i < 9) {
        row[0] = x[i]! + sum(10, (j) => x[j]!) - 11;
        for (let j = 0; j < 10; j++) row[j + 1] = j === i ? 2 : 1;
        return;
      }
      let product = 1;
      for (let j = 0; j < 10; j++) product *= x[j]!;
      row[0] = product - 1;
      for (let j = 0; j < 10; j++) {
        let others = 1;
        for (let k = 0; k < 10; k++) if (k !== j) others *= x[k]!;
        row[j + 1] = others;
      }
    },
  },
  {
    name: '28 Discrete boundary value', n: 10, m: 10, start: numbers(10, (j) => ((j + 1) / 11) * ((j + 1) / 11 - 1)),
    minima: [0],
    row: (i, x, row) => {
      const h = 1 / 11, t = (i + 1) * h, p = x[i]! + t + 1;
      row[0] = 2 * x[i]! - (i > 0 ? x[i - 1]! : 0) - (i < 9 ? x[i + 1]! : 0) + (h * h * p ** 3) / 2;
      row[i + 1] = 2 + 1.5 * h * h * p * p;
      if (i > 0) row[i] = -1;
      if (i < 9) row[i + 2] = -1;
    },
  },
  {
    name: '29 Discrete integral equation', n: 10, m: 10,
    start: numbers(10, (j) => ((j + 1) / 11) * ((j + 1) / 11 - 1)), minima: [0],
    row: (i, x, row) => {
      const h = 1 / 11, t = (i + 1) * h;
      row[0] = x[i]!;
      for (let j = 0; j < 10; j++) {
        const s = (j + 1) * h, p = x[j]! + s + 1, weight = j <= i ? (1 - t) * s : t * (1 - s);
        row[0] = row[0]! + (h * weight * p ** 3) / 2;
        row[j + 1] = 1.5 * h * weight * p * p + (i === j ? 1 : 0);
      }
    },
  },
  {
    name: '30 Broyden tridiagonal', n: 10, m: 10, start: numbers(10, () => -1), minima: [0],
    row: (i, x, row) => {
      row[0] = (3 - 2 * x[i]!) * x[i]! - (i > 0 ? x[i - 1]! : 0) - 2 * (i < 9 ? x[i + 1]! : 0) + 1;
      row[i + 1] = 3 - 4 * x[i]!;
      if (i > 0) row[i] = -1;
      if (i < 9) row[i + 2] = -2;
    },
  },
  {
    name: '31 Broyden banded', n: 10, m: 10, start: numbers(10, () => -1), minima: [0],
    row: (i, x, row) => {
      row[0] = x[i]! * (2 + 5 * x[i]! ** 2) + 1;
      row[i + 1] = 2 + 15 * x[i]! ** 2;
      for (let j = Math.max(0, i - 5); j <= Math.min(9, i + 1); j++) {
        if (j === i) continue;
        row[0] = row[0]! - x[j]! * (1 + x[j]!);
        row[j + 1] = -(1 + 2 * x[j]!);
      }
    },
  },
  {
    name: '32 Linear, full rank', n: 10, m: 20, start: numbers(10, () => 1), minima: [10],
    row: (i, x, row) => {
      row[0] = (i < 10 ? x[i]! : 0) - (2 / 20) * sum(10, (j) => x[j]!) - 1;
      for (let j = 0; j < 10; j++) row[j + 1] = (i === j ? 1 : 0) - 2 / 20;
    },
  },
  linearRankOne(),
  {
    name: '34 Linear, rank 1, zero columns and rows', n: 10, m: 20, start: numbers(10, () => 1),
    minima: [(20 ** 2 + 3 * 20 - 6) / (2 * (2 * 20 - 3))],
    row: (i, x, row) => {
      row[0] = -1;
      if (i === 0 || i === 19) return;
      for (let j = 1; j < 9; j++) {
        row[0] = row[0]! + i * (j + 1) * x[j]!;
        row[j + 1] = i * (j + 1);
      }
    },
  },
  {
    name: '35 Chebyquad', n: 8, m: 8, start: numbers(8, (j) => (j + 1) / 9), minima: [3.5168737256779e-3],
    row: (i, x, row) => {
      const k = i + 1;
      row[0] = k % 2 === 0 ? 1 / (k * k - 1) : 0;
      for (let j = 0; j < 8; j++) {
        const { values, slopes } = chebyshev(k, x[j]!);
        row[0] = row[0]! + values[k]! / 8;
        row[j + 1] = slopes[k]! / 8;
      }
    },
  },
];
