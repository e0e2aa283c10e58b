// The warnings of one fit that need its solution.

import { correlatedPairs } from '../statistics/covariance.ts';
import { dependences } from '../statistics/identifiability.ts';
import type { FitDetails, FitRecord } from './fit-result.ts';
import { jacobianOf } from './problem.ts';
import { relationsAmong } from './relations.ts';
import { correlatedResiduals } from './residual-checks.ts';
import { isSuccess, statusAt, type Matrix, type Warning } from './result.ts';
import {
  badlyScaled,
  didNotMove,
  fewerPoints,
  highCorrelation,
  notConverged,
  paramAtBound,
  rankDeficient,
  residualsCorrelated,
} from './warnings.ts';

/**
 * With ρ = 0.999 a standard error is 22 times what it would be with the other parameter known:
 * 1/√(1 − ρ²).
 */
const correlationLimit = 0.999;

export function fitWarnings(
  record: FitRecord,
  details: FitDetails,
  covariance: Matrix | null,
  correlation: Matrix | null,
): Warning[] {
  const { problem, params, status, isAbsolute } = record;
  const { names, varying, lower, upper } = problem.params;
  const points = problem.y.length,
    n = varying.length;
  const warnings = [...record.notes];
  const word = statusAt(status);
  if (!isSuccess(status)) warnings.push(notConverged(word));
  const atBound = varying.filter((k) => params[k] === lower[k] || params[k] === upper[k]);
  for (const k of atBound) {
    const isLower = params[k] === lower[k];
    warnings.push(
      paramAtBound(names[k], isLower ? 'lower' : 'upper', isLower ? lower[k] : upper[k]),
    );
  }
  const hasTooFew = points < n || (points === n && !isAbsolute);
  if (hasTooFew) warnings.push(fewerPoints(points, n));
  else if (
    details.wantsCovariance &&
    covariance === null &&
    atBound.length < n &&
    word !== 'notFinite' &&
    !details.isBeyondRange
  )
    warnings.push(...culprits(record));
  if (details.isBeyondRange) warnings.push(badlyScaled());
  if (correlation !== null)
    for (const [i, j, rho] of correlatedPairs(correlation, correlationLimit))
      warnings.push(highCorrelation(names[varying[i]], names[varying[j]], rho));
  const still = varying.filter((k) => Object.is(params[k], problem.init[k])).map((k) => names[k]);
  if (still.length > 0 && word !== 'exact' && word !== 'notFinite')
    warnings.push(didNotMove(still));
  const runs = isSuccess(status) ? correlatedResiduals(record, details.residuals) : null;
  if (runs !== null) warnings.push(residualsCorrelated(runs.runs, runs.expected));
  return warnings;
}

/** Why there is no covariance: parameters that cannot be told apart, those at a bound left out. */
function culprits({ problem, params }: FitRecord): Warning[] {
  const { names, lower, upper } = problem.params;
  const points = problem.y.length;
  const all = problem.params.varying,
    n = all.length;
  const jacobian = jacobianOf(problem, params);
  const kept = all
    .map((_, j) => j)
    .filter((j) => params[all[j]] !== lower[all[j]] && params[all[j]] !== upper[all[j]]);
  const varying = kept.map((j) => all[j]),
    width = kept.length;
  const reduced =
    width === n
      ? jacobian
      : Float64Array.from({ length: points * width }, (_, at) => {
          const i = Math.floor(at / width);
          return jacobian[i * n + kept[at - i * width]];
        });
  const found = dependences(reduced, points, width).map(({ column, on }) =>
    [...on, column].sort((a, b) => a - b).map((j) => varying[j]),
  );
  const suspects = [...new Set(found.filter((members) => members.length > 1).flat())];
  const relations = relationsAmong(problem, params, suspects.sort((a, b) => a - b));
  const related = relations.map(({ members, text }) =>
    rankDeficient(
      members.map((k) => names[k]),
      text,
    ),
  );
  const others = found.filter(
    (members) => !relations.some((known) => members.every((k) => known.members.includes(k))),
  );
  return [...related, ...others.map((members) => rankDeficient(members.map((k) => names[k])))];
}
