// One-predictor data as guesses read it: ascending in x, and never more points than a guess needs.

export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Enough to see a peak; averages of neighbours beyond it also quieten noise. */
const mostPoints = 1024;

function isAscending(x: Float64Array): boolean {
  for (let i = 1; i < x.length; i++) if (!(x[i] >= x[i - 1])) return false;
  return true;
}

/** Ascending in x; copies only where the data are not. */
export function ascending(x: Float64Array, y: Float64Array): Curve {
  if (isAscending(x)) return { x, y };
  const order = Array.from(x, (_, i) => i).sort((i, j) => x[i] - x[j] || i - j);
  return { x: Float64Array.from(order, (i) => x[i]), y: Float64Array.from(order, (i) => y[i]) };
}

/** Ascending in x, with runs of neighbours averaged where there are more points than `most`. */
export function condensed(x: Float64Array, y: Float64Array, most: number = mostPoints): Curve {
  const curve = ascending(x, y);
  const n = x.length;
  if (n <= most) return curve;
  const meanX = new Float64Array(most);
  const meanY = new Float64Array(most);
  for (let k = 0; k < most; k++) {
    const start = Math.floor((k * n) / most);
    const end = Math.floor(((k + 1) * n) / most);
    let sumX = 0;
    let sumY = 0;
    for (let i = start; i < end; i++) {
      sumX += curve.x[i];
      sumY += curve.y[i];
    }
    meanX[k] = sumX / (end - start);
    meanY[k] = sumY / (end - start);
  }
  return { x: meanX, y: meanY };
}

/**
 * At most `most` of the points, at distances that no frequency is in step with: by the golden
 * ratio within equal stretches.
 */
export function thinned({ x, y }: Curve, most: number): Curve {
  const n = x.length;
  if (n <= most) return { x, y };
  const at = (k: number): number =>
    Math.floor(((k + ((k * 0.6180339887498949) % 1)) * n) / most);
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: most }, (_, k) => values[at(k)]);
  return { x: pick(x), y: pick(y) };
}

/** The average of the first, or the last, `share` of the points; at least one. */
export function endMean(y: Float64Array, share: number, atEnd: boolean): number {
  const count = Math.max(1, Math.floor(y.length * share));
  const start = atEnd ? y.length - count : 0;
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += y[i];
  return sum / count;
}

/** The value below which `share` of the values lie. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Where y crosses a level first, from the left, between points; NaN where it does not. */
export function crossing({ x, y }: Curve, level: number): number {
  for (let i = 1; i < x.length; i++) {
    const a = y[i - 1] - level;
    const b = y[i] - level;
    if ((a <= 0 && b > 0) || (a >= 0 && b < 0)) return x[i - 1] + ((x[i] - x[i - 1]) * a) / (a - b);
  }
  return NaN;
}

/** Averages over 2·half + 1 neighbours, fewer at the ends. */
export function smoothed(y: Float64Array, half: number): Float64Array {
  const n = y.length;
  if (half <= 0) return y;
  const out = new Float64Array(n);
  let sum = 0;
  let start = 0;
  let end = 0;
  for (let i = 0; i < n; i++) {
    while (end < n && end <= i + half) sum += y[end++];
    while (start < i - half) sum -= y[start++];
    out[i] = sum / (end - start);
  }
  return out;
}
