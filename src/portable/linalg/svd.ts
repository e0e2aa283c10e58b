// Singular values by one-sided Jacobi rotations (Hestenes 1958) with the pivoting of de Rijk (1989).
// Applied to the transposed triangle of a pivoted QR it gives small singular values to high
// relative accuracy and needs few sweeps (Drmač & Veselić 2008, SIAM J. Matrix Anal. Appl. 29).
// Meant for columns of about unit size: squares of elements below 2^-500 are lost.
// Twin: native/linalg/svd.h.

const maxSweeps = 40;
const epsilon = 2 ** -52;

function dot(a: Float64Array, p: number, b: Float64Array, q: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[p + i]! * b[q + i]!;
  return sum;
}

function rotate(a: Float64Array, p: number, q: number, n: number, cos: number, sin: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[p + i]!, y = a[q + i]!;
    a[p + i] = cos * x - sin * y;
    a[q + i] = sin * x + cos * y;
  }
}

function swap(a: Float64Array, p: number, q: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const t = a[p + i]!;
    a[p + i] = a[q + i]!;
    a[q + i] = t;
  }
}

/**
 * G = U·Σ·Vᵀ of the n × n matrix in `g` (column j at j·n), Σ descending. On return the columns of
 * `g` are those of U (zero where σ is zero), `sigma` holds Σ and the columns of `v` are those of V.
 */
export function jacobiSvd(g: Float64Array, n: number, v: Float64Array, sigma: Float64Array): void {
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) v[j * n + i] = i === j ? 1 : 0;
  // Columns are orthogonal when their cosine is at most this.
  const limit = n * epsilon;
  let isDone = n < 2;
  for (let sweep = 0; sweep < maxSweeps && !isDone; sweep++) {
    isDone = true;
    for (let p = 0; p < n - 1; p++) {
      let longest = p, square = dot(g, p * n, g, p * n, n);
      for (let j = p + 1; j < n; j++) {
        const candidate = dot(g, j * n, g, j * n, n);
        if (candidate > square) {
          square = candidate;
          longest = j;
        }
      }
      if (longest !== p) {
        swap(g, p * n, longest * n, n);
        swap(v, p * n, longest * n, n);
      }
      for (let q = p + 1; q < n; q++) {
        const alpha = dot(g, p * n, g, p * n, n), beta = dot(g, q * n, g, q * n, n);
        const gamma = dot(g, p * n, g, q * n, n);
        if (!(Math.abs(gamma) > limit * Math.sqrt(alpha) * Math.sqrt(beta))) continue;
        isDone = false;
        // tan 2θ = 2γ/(β − α); the smaller of the two angles (Golub & Van Loan 2013, 8.5.2)
        const zeta = (beta - alpha) / (2 * gamma);
        const size = Math.abs(zeta);
        const root = size > 2 ** 500 ? size : Math.sqrt(1 + size * size);
        const tangent = zeta >= 0 ? 1 / (size + root) : -1 / (size + root);
        const cos = 1 / Math.sqrt(1 + tangent * tangent), sin = cos * tangent;
        rotate(g, p * n, q * n, n, cos, sin);
        rotate(v, p * n, q * n, n, cos, sin);
      }
    }
  }
  for (let j = 0; j < n; j++) {
    const norm = Math.sqrt(dot(g, j * n, g, j * n, n));
    sigma[j] = norm;
    if (norm > 0) for (let i = 0; i < n; i++) g[j * n + i] = g[j * n + i]! / norm;
  }
}
