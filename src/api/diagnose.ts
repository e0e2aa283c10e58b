// Looks at a fit from all sides: its parameters, its residuals, its points.

import { correlatedPairs } from '../statistics/covariance.ts';
import { exactDependences, spectrum, type Spectrum } from '../statistics/identifiability.ts';
import { influence } from '../statistics/influence.ts';
import { normalityTest } from '../statistics/normality.ts';
import { autocorrelation, durbinWatson, runsTest } from '../statistics/residual-tests.ts';
import {
  diagnosisText,
  type Combination,
  type Diagnosis,
  type DiagnosisParts,
  type Finding,
} from './diagnosis.ts';
import {
  aboutPoints,
  aboutResiduals,
  aboutScale,
  aboutSigma,
  largeCondition,
} from './findings.ts';
import type { FitRecord } from './fit-result.ts';
import { jacobianOf } from './problem.ts';
import { relationsAmong } from './relations.ts';
import { format } from './report.ts';
import { inOrder, weightedResiduals } from './residual-checks.ts';
import type { FitResult } from './result.ts';
import { varianceOfUnitWeight, type Fitted } from './uncertainty.ts';
import { list } from './warnings.ts';

/**
 * Remainders of unit columns below this are rounding: exact derivatives have some 1e-15 of it,
 * differences half of the digits.
 */
const exactTolerance: number = 2 ** -44;
const differenceTolerance: number = 2 ** -26;
/** Shares of the weakest direction below this do not matter for it. */
const smallShare = 0.05;
const text = (value: number): string => format(value, 4);

export function diagnose(fit: Fitted, result: FitResult<string>): Diagnosis {
  const parts = examine(fit, result);
  return { ...parts, report: () => diagnosisText(parts) };
}

function examine(fit: Fitted, result: FitResult<string>): DiagnosisParts {
  const { record, residuals } = fit;
  const weighted = weightedResiduals(record, residuals);
  const ordered = inOrder(record, weighted);
  const findings: Finding[] = [];
  if (!result.success) findings.push({ code: 'not-converged', message: result.message });
  const jacobian = weightedJacobian(record, residuals);
  const shape = identifiability(record, jacobian, findings);
  aboutParams(fit, result, findings);
  aboutScale(record, shape.conditionNumber, findings);
  aboutSigma(record, result, findings);
  const tests = {
    runs: runsTest(ordered),
    durbinWatson: durbinWatson(ordered),
    autocorrelation: autocorrelation(ordered),
    normality: normalityTest(weighted),
  };
  aboutResiduals(record, residuals, tests, findings);
  const points = influence(
    jacobian,
    record.problem.params.varying.length,
    weighted,
    varianceOfUnitWeight(fit),
  );
  const none = new Float64Array(weighted.length).fill(NaN);
  const { leverage, studentized, cook } =
    points ?? { leverage: none, studentized: none, cook: none };
  aboutPoints(record, leverage, studentized, cook, findings);
  return { findings, ...shape, leverage, studentized, cook, residuals: tests };
}

/** Of counts over √f, as their residuals. */
function weightedJacobian(
  { problem, params, loss }: FitRecord,
  residuals: Float64Array,
): Float64Array {
  const jacobian = jacobianOf(problem, params);
  if (loss !== 'poisson') return jacobian;
  const n = problem.params.varying.length;
  return jacobian.map((value, at) => {
    const i = Math.floor(at / n);
    return value / Math.sqrt(problem.y[i] - residuals[i]);
  });
}

function identifiability(
  { problem, params }: FitRecord,
  jacobian: Float64Array,
  findings: Finding[],
): Pick<DiagnosisParts, 'rank' | 'conditionNumber' | 'combinations'> {
  const { names, varying } = problem.params;
  const points = problem.y.length,
    n = varying.length;
  const isExact = typeof problem.program.value !== 'function';
  const tolerance = isExact ? exactTolerance : differenceTolerance;
  const found = exactDependences(jacobian, points, n, tolerance);
  const name = (j: number): string => names[varying[j]];
  const suspects = new Set<number>();
  for (const { column, on } of found)
    if (on.length > 0) for (const j of [column, ...on]) suspects.add(varying[j]);
  const relations = relationsAmong(problem, params, [...suspects].sort((a, b) => a - b));
  for (const { members, text: words, value } of relations) {
    const who = members.map((k) => names[k]);
    findings.push({
      code: 'cannot-tell-apart',
      message:
        `${list(who)} enter the model as ${words} alone, and the data fix that: ` +
        `${words} = ${text(value)}; keep all but one of them at a value (vary: false)`,
      params: who,
    });
  }
  const combinations: Combination[] = [];
  for (const { column, on, direction } of found) {
    if (on.length === 0) {
      findings.push({
        code: 'no-influence',
        message: `${name(column)} has no influence on the model at the solution`,
        params: [name(column)],
      });
      combinations.push({ params: [name(column)], direction: [1], relation: null });
      continue;
    }
    const members = [column, ...on].sort((a, b) => a - b);
    const changes = members.map((j) => direction[j] / direction[members[0]]);
    const relation = relations.find((known) =>
      members.every((j) => known.members.includes(varying[j])),
    );
    const who = members.map(name);
    combinations.push({ params: who, direction: changes, relation: relation?.text ?? null });
    if (relation !== undefined) continue;
    const proportion = changes.map((change) => text(change)).join(' : ');
    findings.push({
      code: 'cannot-tell-apart',
      message:
        `the data cannot tell ${list(who)} apart: changing them in the proportion ` +
        `${who.join(' : ')} = ${proportion} leaves the fitted curve as it is`,
      params: who,
    });
  }
  const rank = Math.min(points, n) - found.length;
  if (found.length > 0 || points < n)
    return { rank: Math.max(0, rank), conditionNumber: Infinity, combinations };
  const shape = spectrum(jacobian, points, n);
  if (shape === null) return { rank: 0, conditionNumber: NaN, combinations };
  const conditionNumber = shape.values[0] / shape.values[n - 1];
  if (conditionNumber >= largeCondition)
    findings.push(nearlyDependent(names, varying, shape, params, conditionNumber));
  return { rank, conditionNumber, combinations };
}

/** Which parameters make up for each other: the one that changes most, relatively, by 1 %. */
function nearlyDependent(
  names: readonly string[],
  varying: readonly number[],
  { weakest, change }: Spectrum,
  params: Float64Array,
  conditionNumber: number,
): Finding {
  const value = (j: number): number => params[varying[j]];
  const largest = weakest.reduce((most, share) => Math.max(most, Math.abs(share)), 0);
  const members = varying
    .map((_, j) => j)
    .filter((j) => Math.abs(weakest[j]) > smallShare * largest);
  const unit = members.reduce(
    (most, j) => (value(j) === 0 ? most : Math.max(most, Math.abs(change[j] / value(j)))),
    0,
  );
  const moves = members.map((j) => {
    const size =
      value(j) === 0 || unit === 0
        ? format(change[j] / (unit === 0 ? 1 : 100 * unit), 3)
        : `${format(change[j] / Math.abs(value(j)) / unit, 3)} %`;
    return `${names[varying[j]]} by ${size}`;
  });
  const who = members.map((j) => names[varying[j]]);
  return {
    code: 'nearly-dependent',
    message:
      `the data hardly tell ${list(who)} apart (condition number ${format(conditionNumber, 3)}): ` +
      `changing ${list(moves)} together hardly changes the curve`,
    params: who,
  };
}

function aboutParams(fit: Fitted, result: FitResult<string>, findings: Finding[]): void {
  const { record } = fit;
  const { names, varying } = record.problem.params;
  const { params, correlation, status } = result;
  const still = varying.filter((k) => Object.is(record.params[k], record.problem.init[k]));
  if (still.length > 0 && status !== 'exact') {
    const who = still.map((k) => names[k]);
    const they = who.length === 1 ? 'it' : 'they';
    findings.push({
      code: 'param-did-not-move',
      message: `${list(who)} ended where ${they} began; try another start`,
      params: who,
    });
  }
  for (const k of varying) {
    const { atBound, stdErr, value, min, max } = params[names[k]]!;
    if (atBound !== null)
      findings.push({
        code: 'param-at-bound',
        message:
          `${names[k]} ended at its ${atBound} bound ${text(atBound === 'lower' ? min : max)}, ` +
          'and has no standard error; the data may want it beyond',
        params: [names[k]],
      });
    else if (stdErr !== null && stdErr > Math.abs(value))
      findings.push({
        code: 'param-not-significant',
        message: `${names[k]} is smaller than its standard error: the model may do without it`,
        params: [names[k]],
      });
  }
  if (correlation === null) return;
  for (const [i, j, rho] of correlatedPairs(correlation, 0.999)) {
    const who = [names[varying[i]], names[varying[j]]];
    if (findings.some(({ params: known }) => who.every((name) => known?.includes(name)))) continue;
    findings.push({
      code: 'nearly-dependent',
      message: `${list(who)} are almost interchangeable: correlation ${rho.toFixed(6)}`,
      params: who,
    });
  }
}
