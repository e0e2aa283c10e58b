// Linear least squares over few basis functions, by normal equations: for starts, where half the
// digits are plenty. With it a guess tries values of the parameters that are not linear and solves
// for the others (variable projection: Golub and Pereyra 1973).

/** A multiple of the diagonal that keeps basis functions which nearly agree apart. */
const ridge = 1e-12;

/**
 * The coefficients of y ≈ Σ cₖ·basisₖ, and the sum of squares that is left; Infinity where it
 * cannot be solved.
 * @param out receives a coefficient for each basis function
 */
export function fitLinear(
  basis: readonly Float64Array[], y: Float64Array, out: Float64Array,
): number {
  const n = basis.length;
  if (n === 2) {
    const ssr = fitPair(basis[0], basis[1], y, out);
    if (ssr >= 0) return ssr;
  }
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const left = basis[i];
    for (let j = 0; j <= i; j++) a[i * n + j] = dot(left, basis[j]);
    out[i] = dot(left, y);
  }
  if (!solveSymmetric(a, out, n)) return Infinity;
  let ssr = 0;
  for (let i = 0; i < y.length; i++) {
    let r = y[i];
    for (let k = 0; k < n; k++) r -= out[k] * basis[k][i];
    ssr += r * r;
  }
  return ssr <= Infinity ? ssr : Infinity;
}

/** Two functions, the most frequent case, in two passes; NaN where they nearly agree. */
function fitPair(a: Float64Array, b: Float64Array, y: Float64Array, out: Float64Array): number {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ay = 0;
  let by = 0;
  for (let i = 0; i < y.length; i++) {
    aa += a[i] * a[i];
    ab += a[i] * b[i];
    bb += b[i] * b[i];
    ay += a[i] * y[i];
    by += b[i] * y[i];
  }
  const determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-10 * aa * bb && determinant < Infinity)) return NaN;
  const c = (ay * bb - by * ab) / determinant;
  const d = (by * aa - ay * ab) / determinant;
  out[0] = c;
  out[1] = d;
  let ssr = 0;
  for (let i = 0; i < y.length; i++) {
    const r = y[i] - c * a[i] - d * b[i];
    ssr += r * r;
  }
  return ssr;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Solves a·x = b in place by Cholesky; `a` holds the lower triangle. False where it cannot. */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let pivot = a[j * n + j] * (1 + ridge);
    for (let k = 0; k < j; k++) pivot -= a[j * n + k] * a[j * n + k];
    if (!(pivot > 0 && pivot < Infinity)) return false;
    const root = Math.sqrt(pivot);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = sum / root;
    }
    let sum = b[j];
    for (let k = 0; k < j; k++) sum -= a[j * n + k] * b[k];
    b[j] = sum / root;
  }
  for (let j = n - 1; j >= 0; j--) {
    let sum = b[j];
    for (let k = j + 1; k < n; k++) sum -= a[k * n + j] * b[k];
    b[j] = sum / a[j * n + j];
  }
  return true;
}

export interface StraightLine {
  readonly slope: number;
  readonly intercept: number;
}

/** The weighted straight line through y over x; slope 0 where x does not vary. */
export function straightLine(
  x: Float64Array, y: Float64Array, weight: Float64Array | null = null,
): StraightLine {
  let sum = 0;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weight === null ? 1 : weight[i];
    if (!(w > 0)) continue;
    sum += w;
    meanX += (w / sum) * (x[i] - meanX);
    meanY += (w / sum) * (y[i] - meanY);
  }
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weight === null ? 1 : weight[i];
    if (!(w > 0)) continue;
    xx += w * (x[i] - meanX) * (x[i] - meanX);
    xy += w * (x[i] - meanX) * (y[i] - meanY);
  }
  const slope = xx > 0 ? xy / xx : 0;
  return { slope, intercept: meanY - slope * meanX };
}

export interface Best {
  readonly value: number;
  readonly coefficients: Float64Array;
  readonly ssr: number;
}

/**
 * The value of one parameter, tried at all of `values`, with which the others, which are linear,
 * fit best; then between its neighbours by golden steps.
 * @param fill writes the basis functions for a value
 */
export function bestValue(
  values: readonly number[], y: Float64Array, basis: readonly Float64Array[],
  fill: (value: number) => void, refinements = 0,
): Best {
  let best: Best = { value: values[0], coefficients: new Float64Array(basis.length), ssr: Infinity };
  const coefficients = new Float64Array(basis.length);
  const attempt = (value: number): number => {
    fill(value);
    const ssr = fitLinear(basis, y, coefficients);
    if (ssr < best.ssr) best = { value, coefficients: coefficients.slice(), ssr };
    return ssr;
  };
  let at = 0;
  values.forEach((value, i) => {
    const before = best.ssr;
    if (attempt(value) < before) at = i;
  });
  let low = values[Math.max(0, at - 1)];
  let high = values[Math.min(values.length - 1, at + 1)];
  for (let k = 0; k < refinements; k++) {
    const middle = best.value;
    const isLeft = k % 2 === 0;
    const candidate = 0.5 * (middle + (isLeft ? low : high));
    if (attempt(candidate) < Infinity && best.value === candidate) {
      if (isLeft) high = middle;
      else low = middle;
    } else if (isLeft) low = candidate;
    else high = candidate;
  }
  return best;
}
