// The warnings of one fit that need its solution.

import { correlatedPairs } from '../statistics/covariance.ts';
import { dependences } from '../statistics/identifiability.ts';
import type { FitDetails, FitRecord } from './fit-result.ts';
import { jacobianOf } from './problem.ts';
import { isSuccess, statusAt, type Matrix, type Warning } from './result.ts';
import {
  badlyScaled,
  didNotMove,
  fewerPoints,
  highCorrelation,
  notConverged,
  rankDeficient,
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
  const { names, varying } = problem.params;
  const points = problem.y.length,
    n = varying.length;
  const warnings = [...record.notes];
  const word = statusAt(status);
  if (!isSuccess(status)) warnings.push(notConverged(word));
  const hasTooFew = points < n || (points === n && !isAbsolute);
  if (hasTooFew) warnings.push(fewerPoints(points, n));
  else if (
    details.wantsCovariance &&
    covariance === null &&
    word !== 'notFinite' &&
    !details.isBeyondRange
  ) {
    for (const { column, on } of dependences(jacobianOf(problem, params), points, n))
      warnings.push(
        rankDeficient([...on, column].sort((a, b) => a - b).map((j) => names[varying[j]])),
      );
  }
  if (details.isBeyondRange) warnings.push(badlyScaled());
  if (correlation !== null)
    for (const [i, j, rho] of correlatedPairs(correlation, correlationLimit))
      warnings.push(highCorrelation(names[varying[i]], names[varying[j]], rho));
  const still = varying.filter((k) => Object.is(params[k], problem.init[k])).map((k) => names[k]);
  if (still.length > 0 && word !== 'exact' && word !== 'notFinite')
    warnings.push(didNotMove(still));
  return warnings;
}
