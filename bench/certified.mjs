// Right digits on certified problems of nonlinear regression (NIST Statistical Reference Datasets)
// from both starts, at default options. Digits are −log₁₀ of the largest relative error against the
// solution in double precision, 11 at most. False is a fit that says it has converged with fewer
// than 4 right digits of the parameters.

import { curveFit, expr } from '../dist/index.js';
import { certifiedProblems, digitsOf, plainFunction, startOf } from '../test/data/certified.mjs';
import { percent, table } from './measure.mjs';

const mostDigits = 11;
const rounded = (digits) => Number(Math.min(mostDigits, digits).toFixed(2));

/**
 * SciPy 1.17.1 on all 27 problems from both starts, 54 fits, with tolerances at their defaults or
 * at 1e-15, as measured when these goals were set: parameters with at least 4, 6, 8 and 10 digits
 * and their mean, standard errors the same, false claims.
 */
const peers = {
  'SciPy curve_fit, defaults': [[45, 28, 15, 2], 6.03, [43, 11, 0, 0], 6],
  'SciPy curve_fit, 1e-15': [[53, 49, 24, 3], 7.71, [51, 42, 0, 0], 1],
  'SciPy curve_fit, exact Jacobian': [[48, 33, 18, 7], 6.7, [44, 16, 7, 0], 5],
  'SciPy curve_fit, exact Jacobian, 1e-15': [[53, 53, 45, 18], 9.16, [51, 51, 43, 16], 1],
  'SciPy trf, exact Jacobian, x_scale jac, 1e-15': [[54, 54, 45, 22], 9.32, [52, 52, 42, 18], 0],
};
const peerFits = 54;

const text = ({ model }) => expr(model);
/** What runs: by name how the model is given, and options. */
function configurations(hasNative) {
  const engine = hasNative ? 'native' : 'portable';
  return {
    ...(hasNative && { native: [text, { engine: 'native' }] }),
    portable: [text, { engine: 'portable' }],
    trf: [text, { engine, method: 'trf' }],
    dogbox: [text, { engine, method: 'dogbox' }],
    'gauss-newton': [text, { engine, method: 'gauss-newton' }],
    'starts: auto': [text, { engine, starts: 'auto' }],
    'function, 2-point differences': [plainFunction, { engine, jac: '2-point' }],
    'function, 3-point differences': [plainFunction, { engine, jac: '3-point' }],
  };
}

function run(problem, which, [modelOf, options]) {
  const { name, x, y } = problem;
  const fit = curveFit({ x, y, model: modelOf(problem), params: startOf(problem, which), ...options });
  const { params, stdErr, ssr } = digitsOf(fit, problem);
  return {
    problem: name,
    start: which + 1,
    params: rounded(params),
    stdErr: rounded(stdErr),
    ssr: rounded(ssr),
    status: fit.status,
    isFalse: fit.success && params < 4,
    iterations: fit.nIter,
    evaluations: fit.nEval,
  };
}

function summaryOf(fits) {
  const atLeast = (key) => [4, 6, 8, 10].map((least) => fits.filter((fit) => fit[key] >= least).length);
  return {
    fits: fits.length,
    params: atLeast('params'),
    mean: Number((fits.reduce((sum, { params }) => sum + Math.max(params, 0), 0) / fits.length).toFixed(2)),
    stdErr: atLeast('stdErr'),
    isFalse: fits.filter((fit) => fit.isFalse).length,
    evaluations: fits.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
}

export function certified({ hasNative }) {
  const problems = certifiedProblems();
  const results = {};
  for (const [title, configuration] of Object.entries(configurations(hasNative)))
    results[title] = problems.flatMap((problem) =>
      problem.starts.map((_, which) => run(problem, which, configuration)));
  const summaries = Object.fromEntries(
    Object.entries(results).map(([title, fits]) => [title, summaryOf(fits)]));

  const [first] = Object.keys(results);
  const outcomes = ['params', 'stdErr', 'ssr', 'status', 'iterations', 'evaluations'];
  const same = JSON.stringify(results.native) === JSON.stringify(results.portable);
  console.log(`\nCertified problems, ${first}` + (hasNative ? `; portable: ${same ? 'the same' : 'DIFFERENT'}` : ''));
  const row = (fit) => [`${fit.problem} ${fit.start}`, ...outcomes.map((key) => fit[key])];
  console.log(table(['', 'digits', 'std. errors', 'ssr', 'status', 'iterations', 'evaluations'], results[first].map(row)));
  if (!same)
    console.log(table(['portable', 'digits', 'std. errors', 'ssr', 'status', 'iterations', 'evaluations'], results.portable.map(row)));

  const share = (counts, fits) => counts.map((count) => percent(Number((count / fits).toFixed(3))));
  console.log(`\nShare of the fits with so many right digits; ${peerFits} fits of SciPy, ${results[first].length} here`);
  console.log(
    table(
      ['', '≥ 4', '≥ 6', '≥ 8', '≥ 10', 'mean', 'std. errors ≥ 4', '≥ 6', '≥ 8', '≥ 10', 'false', 'evaluations'],
      [
        ...Object.entries(summaries).map(([title, { fits, params, mean, stdErr, isFalse, evaluations }]) =>
          [title, ...share(params, fits), mean.toFixed(2), ...share(stdErr, fits), isFalse, evaluations]),
        ...Object.entries(peers).map(([title, [params, mean, stdErr, isFalse]]) =>
          [title, ...share(params, peerFits), mean.toFixed(2), ...share(stdErr, peerFits), isFalse, undefined]),
      ],
    ),
  );
  return { summaries, fits: results };
}
