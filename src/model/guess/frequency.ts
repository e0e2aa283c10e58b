// The frequencies that stand out in data: a Fourier transform of the points spread on a grid
// (extirpolation: Press and Rybicki 1989, ApJ 338, 277), which serves unequal distances as well.

import { cos, sin } from '../../portable/math/trigonometric.ts';
import type { Curve } from './curve.ts';

/** Values on the grid per data point, and how far zeros extend it: a bin is half a resolved line. */
const perPoint = 2;
const padding = 2;
const largestGrid = 1 << 16;

interface Turns {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

/** Batches ask for the same length again and again. */
let lastTurns: Turns = { cosines: new Float64Array(0), sines: new Float64Array(0) };

/** cos and −sin of 2π·k/n for k < n/2. */
function turns(n: number): Turns {
  if (lastTurns.cosines.length === n / 2) return lastTurns;
  const cosines = new Float64Array(n / 2);
  const sines = new Float64Array(n / 2);
  for (let k = 0; k < n / 2; k++) {
    cosines[k] = cos((2 * Math.PI * k) / n);
    sines[k] = -sin((2 * Math.PI * k) / n);
  }
  return (lastTurns = { cosines, sines });
}

/** In place, radix 2 (Cooley and Tukey 1965). */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  const { cosines, sines } = turns(n);
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const stride = n / size;
    for (let k = 0; k < half; k++) {
      const c = cosines[k * stride];
      const s = sines[k * stride];
      for (let i = k; i < n; i += size) {
        const j = i + half;
        const tRe = re[j] * c - im[j] * s;
        const tIm = re[j] * s + im[j] * c;
        re[j] = re[i] - tRe;
        im[j] = im[i] - tIm;
        re[i] += tRe;
        im[i] += tIm;
      }
    }
  }
}

/**
 * Frequencies of the `count` highest peaks of the spectrum of y less its mean, the highest first;
 * among them always some below one cycle in the data, which a spectrum cannot tell apart.
 */
export function frequencies({ x, y }: Curve, count: number): number[] {
  const n = x.length;
  const range = x[n - 1] - x[0];
  if (!(range > 0)) return [1];
  let grid = 8;
  while (grid < perPoint * padding * n && grid < largestGrid) grid *= 2;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += y[i] / n;
  const re = new Float64Array(grid);
  const im = new Float64Array(grid);
  const used = grid / padding - 1;
  for (let i = 0; i < n; i++) {
    const position = ((x[i] - x[0]) / range) * (used - 1);
    const cell = Math.floor(position);
    const part = position - cell;
    re[cell] += (y[i] - mean) * (1 - part);
    re[cell + 1] += (y[i] - mean) * part;
  }
  transform(re, im);
  const power = (k: number): number => re[k] * re[k] + im[k] * im[k];
  // Up to one cycle per two points: beyond, evenly spaced data repeat.
  const top = Math.min(grid / 2 - 1, Math.floor((n * grid) / (2 * used)) + 1);
  const unit = (used - 1) / (grid * range);
  const peaks: number[] = [];
  for (let k = 1; k < top; k++)
    if (power(k) >= power(k - 1) && power(k) >= power(k + 1)) peaks.push(k);
  peaks.sort((a, b) => power(b) - power(a));
  const found = peaks.slice(0, count).map((k) => {
    const [a, b, c] = [Math.sqrt(power(k - 1)), Math.sqrt(power(k)), Math.sqrt(power(k + 1))];
    const curvature = a - 2 * b + c;
    return (k + (curvature < 0 ? (0.5 * (a - c)) / curvature : 0)) * unit;
  });
  return [...found, 0.35 / range, 0.6 / range, 1 / range];
}
