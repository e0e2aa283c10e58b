// What a user would otherwise run: plain JavaScript written for one model, with its derivatives
// worked out by hand, and ml-levenberg-marquardt.

import { levenbergMarquardt } from 'ml-levenberg-marquardt';

// Sum of squares, residuals and Jacobian (one column of points after another). Divisions and
// products that the partial derivatives share are computed once, as one would by hand.
const evaluations = {
  P1(p, x, y, first, residuals, jacobian) {
    const a = p[0],
      b = p[1],
      c = p[2];
    const m = x.length;
    let ssr = 0;
    for (let i = 0; i < m; i++) {
      const e = Math.exp(-b * x[i]);
      const r = y[first + i] - (a * e + c);
      residuals[i] = r;
      ssr += r * r;
      jacobian[i] = e;
      jacobian[m + i] = -a * e * x[i];
      jacobian[2 * m + i] = 1;
    }
    return ssr;
  },
  P2(p, x, y, first, residuals, jacobian) {
    const a = p[0],
      mu = p[1],
      s = p[2],
      b = p[3];
    const m = x.length;
    let ssr = 0;
    const inverse = 1 / s;
    for (let i = 0; i < m; i++) {
      const z = (x[i] - mu) * inverse;
      const e = Math.exp(-0.5 * z * z);
      const slope = a * e * z * inverse;
      const r = y[first + i] - (a * e + b);
      residuals[i] = r;
      ssr += r * r;
      jacobian[i] = e;
      jacobian[m + i] = slope;
      jacobian[2 * m + i] = slope * z;
      jacobian[3 * m + i] = 1;
    }
    return ssr;
  },
  P3(p, x, y, first, residuals, jacobian) {
    const a = p[0],
      cx = p[1],
      cy = p[2],
      s = p[3],
      b = p[4];
    const m = x.length;
    let ssr = 0;
    const inverse = 1 / s;
    for (let iy = 0, i = 0; iy < 15; iy++) {
      const v = (iy - cy) * inverse;
      for (let ix = 0; ix < 15; ix++, i++) {
        const u = (ix - cx) * inverse;
        const r2 = u * u + v * v;
        const e = Math.exp(-0.5 * r2);
        const slope = a * e * inverse;
        const r = y[first + i] - (a * e + b);
        residuals[i] = r;
        ssr += r * r;
        jacobian[i] = e;
        jacobian[m + i] = slope * u;
        jacobian[2 * m + i] = slope * v;
        jacobian[3 * m + i] = slope * r2;
        jacobian[4 * m + i] = 1;
      }
    }
    return ssr;
  },
  P4(p, x, y, first, residuals, jacobian) {
    const a1 = p[0],
      x1 = p[1],
      w1 = p[2],
      a2 = p[3],
      x2 = p[4],
      w2 = p[5],
      c = p[6],
      d = p[7];
    const m = x.length;
    let ssr = 0;
    const u = w1 * w1,
      v = w2 * w2;
    for (let i = 0; i < m; i++) {
      const d1 = x[i] - x1,
        d2 = x[i] - x2;
      const q1 = 1 / (d1 * d1 + u),
        q2 = 1 / (d2 * d2 + v);
      const l1 = u * q1,
        l2 = v * q2;
      const s1 = 2 * a1 * d1 * q1 * l1,
        s2 = 2 * a2 * d2 * q2 * l2;
      const r = y[first + i] - (a1 * l1 + a2 * l2 + c + d * x[i]);
      residuals[i] = r;
      ssr += r * r;
      jacobian[i] = l1;
      jacobian[m + i] = s1;
      jacobian[2 * m + i] = (s1 * d1) / w1;
      jacobian[3 * m + i] = l2;
      jacobian[4 * m + i] = s2;
      jacobian[5 * m + i] = (s2 * d2) / w2;
      jacobian[6 * m + i] = 1;
      jacobian[7 * m + i] = x[i];
    }
    return ssr;
  },
};

/**
 * Cholesky factor of the packed lower triangle, in place, and the solution of A s = g; false when
 * A is not positive definite.
 */
function solveInto(matrix, n, g, solution) {
  for (let i = 0; i < n; i++) {
    const row = (i * (i + 1)) / 2;
    let rest = g[i];
    for (let j = 0; j < i; j++) {
      const other = (j * (j + 1)) / 2;
      let sum = matrix[row + j];
      for (let k = 0; k < j; k++) sum -= matrix[row + k] * matrix[other + k];
      matrix[row + j] = sum *= matrix[other + j];
      rest -= sum * solution[j];
    }
    let pivot = matrix[row + i];
    for (let k = 0; k < i; k++) pivot -= matrix[row + k] * matrix[row + k];
    if (!(pivot > 0)) return false;
    // The diagonal holds reciprocals.
    matrix[row + i] = 1 / Math.sqrt(pivot);
    solution[i] = rest * matrix[row + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = solution[i];
    for (let k = i + 1; k < n; k++) rest -= matrix[(k * (k + 1)) / 2 + i] * solution[k];
    solution[i] = rest * matrix[(i * (i + 1)) / 2 + i];
  }
  return true;
}

/**
 * Levenberg–Marquardt on the normal equations for one model: Marquardt's scaling, damping as in
 * Madsen, Nielsen & Tingleff (2004), algorithm 3.16, MINPACK's ftol, xtol and gtol at 1e-8.
 * Everything is allocated once.
 */
function plainSolver(evaluate, n, x) {
  const m = x.length;
  const triangle = (n * (n + 1)) / 2;
  const jacobian = new Float64Array(m * n),
    residuals = new Float64Array(m);
  const normal = new Float64Array(triangle),
    matrix = new Float64Array(triangle);
  const g = new Float64Array(n),
    step = new Float64Array(n),
    scale = new Float64Array(n);
  const p = new Float64Array(n),
    trial = new Float64Array(n);
  const tolerance = 1e-8,
    maxIter = 200;

  const formEquations = () => {
    for (let j = 0, k = 0; j < n; k += ++j) {
      const column = j * m;
      // Four columns in one pass: the additions of one sum wait for each other.
      for (let l = 0; l <= j; l += 4) {
        const left = Math.min(j - l, 3);
        const c0 = l * m,
          c1 = left > 0 ? c0 + m : c0,
          c2 = left > 1 ? c1 + m : c0,
          c3 = left > 2 ? c2 + m : c0;
        let s0 = 0,
          s1 = 0,
          s2 = 0,
          s3 = 0,
          t = 0;
        for (let i = 0; i < m; i++) {
          const d = jacobian[column + i];
          t += d * residuals[i];
          s0 += d * jacobian[c0 + i];
          s1 += d * jacobian[c1 + i];
          s2 += d * jacobian[c2 + i];
          s3 += d * jacobian[c3 + i];
        }
        g[j] = t;
        normal[k + l] = s0;
        if (left > 0) normal[k + l + 1] = s1;
        if (left > 1) normal[k + l + 2] = s2;
        if (left > 2) normal[k + l + 3] = s3;
      }
      scale[j] = Math.max(scale[j], normal[k + j]);
    }
  };
  const isFlat = (ssr) => {
    for (let j = 0; j < n; j++)
      if (g[j] * g[j] > tolerance * tolerance * normal[(j * (j + 3)) / 2] * ssr) return false;
    return true;
  };

  return {
    p,
    run: (y, first) => {
      let ssr = evaluate(p, x, y, first, residuals, jacobian),
        damping = 1e-3,
        growth = 2,
        iterations = 0;
      scale.fill(0);
      formEquations();
      while (!isFlat(ssr) && iterations < maxIter && damping < 1e40) {
        for (let k = 0; k < triangle; k++) matrix[k] = normal[k];
        for (let j = 0; j < n; j++) matrix[(j * (j + 3)) / 2] += damping * scale[j];
        if (!solveInto(matrix, n, g, step)) {
          damping *= 10;
          continue;
        }
        iterations++;
        let predicted = 0,
          length = 0,
          norm = 0;
        for (let j = 0; j < n; j++) {
          trial[j] = p[j] + step[j];
          predicted += step[j] * (g[j] + damping * scale[j] * step[j]);
          length += scale[j] * step[j] * step[j];
          norm += scale[j] * p[j] * p[j];
        }
        const tried = evaluate(trial, x, y, first, residuals, jacobian);
        const actual = ssr - tried,
          ratio = actual / predicted;
        const limit = tolerance * ssr;
        const isConverged =
          damping <= 1 &&
          ((Math.abs(actual) <= limit && predicted <= limit && ratio <= 2) ||
            length <= tolerance * tolerance * norm);
        if (ratio > 1e-4) {
          for (let j = 0; j < n; j++) p[j] = trial[j];
          ssr = tried;
          if (isConverged) break;
          formEquations();
          const t = 2 * ratio - 1;
          damping *= Math.max(0.1, 1 - t * t * t);
          growth = 2;
        } else {
          if (isConverged) break;
          damping *= growth;
          growth *= 2;
        }
      }
      return { ssr, iterations };
    },
  };
}

/** Hand-written JavaScript over the first `fits` curves of a problem. */
export function plainJavaScript({ name, names, x, y, init, points }) {
  const n = names.length;
  const { p, run } = plainSolver(evaluations[name], n, x);
  return (fits) => {
    const params = new Float64Array(fits * n),
      ssr = new Float64Array(fits);
    let iterations = 0;
    for (let k = 0; k < fits; k++) {
      for (let j = 0; j < n; j++) p[j] = init[k * n + j];
      const result = run(y, k * points);
      params.set(p, k * n);
      ssr[k] = result.ssr;
      iterations += result.iterations;
    }
    return { ssr, params, meanIterations: iterations / fits };
  };
}

/**
 * ml-levenberg-marquardt over the first `fits` curves. Its only test is a target for the error:
 * 'defaults' leaves every option alone; 'tuned' gives the exact Jacobian, a small damping and as
 * many iterations as nadir's slowest fits of these problems take.
 */
export function mlLevenbergMarquardt({ name, names, model, x, y, init, points }, variant) {
  const n = names.length;
  const named = (values) => Object.fromEntries(names.map((param, j) => [param, values[j]]));
  const curve = (values) => {
    const p = named(values);
    return (at) => model(at, p);
  };
  const zeros = new Float64Array(points),
    residuals = new Float64Array(points),
    jacobian = new Float64Array(points * n);
  const position = new Map(Array.from(x, (at, i) => [at, i]));
  const jacobianFunction = (values) => {
    evaluations[name](values, x, zeros, 0, residuals, jacobian);
    return (at) => names.map((_, j) => jacobian[j * points + position.get(at)]);
  };
  const tuned = { jacobianFunction, damping: 1e-3, errorTolerance: 1e-12, maxIterations: 15 };
  const xs = Array.from(x);
  return (fits) => {
    const ssr = new Float64Array(fits);
    let iterations = 0;
    for (let k = 0; k < fits; k++) {
      const initialValues = Array.from(init.subarray(k * n, (k + 1) * n));
      const data = { x: xs, y: Array.from(y.subarray(k * points, (k + 1) * points)) };
      const result = levenbergMarquardt(data, curve, {
        initialValues,
        ...(variant === 'tuned' ? tuned : {}),
      });
      ssr[k] = result.parameterError;
      iterations += result.iterations;
    }
    return { ssr, meanIterations: iterations / fits };
  };
}
