// A diagnosis of a fit: what was found, in sentences, with the numbers that it is based on; and all
// of it as text.

import type { NormalityTest } from '../statistics/normality.ts';
import type { RunsTest } from '../statistics/residual-tests.ts';
import { format, table } from './report.ts';

export type { NormalityTest, RunsTest };

export type FindingCode =
  | 'not-converged'
  | 'no-influence' // a parameter that the model does not depend on at the solution
  | 'cannot-tell-apart' // parameters of which the data fix a combination only
  | 'nearly-dependent' // the same, but for a small rest
  | 'param-did-not-move'
  | 'param-at-bound'
  | 'param-not-significant' // a standard error larger than the value
  | 'badly-scaled'
  | 'sigma-too-small'
  | 'sigma-too-large'
  | 'residuals-correlated'
  | 'residuals-not-normal'
  | 'outliers'
  | 'influential-points';

export interface Finding {
  readonly code: FindingCode;
  /** One sentence, and what helps. */
  readonly message: string;
  readonly params?: readonly string[];
  /** Indices of points. */
  readonly points?: readonly number[];
}

/** A change of parameters that the data do not see. */
export interface Combination {
  readonly params: readonly string[];
  /** How the parameters change together, in their own units; that of the first one is 1. */
  readonly direction: readonly number[];
  /** The combination that the data do fix, as "a·b", where it could be found out. */
  readonly relation: string | null;
}

export interface DiagnosisParts {
  /** What is wrong or could be, the gravest first. */
  readonly findings: readonly Finding[];
  /** Number of directions in the space of the varying parameters that the data see. */
  readonly rank: number;
  /**
   * Of the Jacobian with columns of length 1: the loss of digits, and of certainty, by parameters
   * that resemble each other. Infinity where the rank is deficient, NaN where it cannot be had.
   */
  readonly conditionNumber: number;
  readonly combinations: readonly Combination[];
  /** Diagonal of the hat matrix, one per point; NaN where there is no Jacobian. */
  readonly leverage: Float64Array;
  /** Residuals over their standard deviations, one per point. */
  readonly studentized: Float64Array;
  /** Cook's distance, one per point. */
  readonly cook: Float64Array;
  /** Tests of the residuals over σ, in the order of x where there is one predictor. */
  readonly residuals: {
    readonly runs: RunsTest;
    /** About 2 for independent residuals. */
    readonly durbinWatson: number;
    /** At lag 1. */
    readonly autocorrelation: number;
    /** null where there are too few residuals. */
    readonly normality: NormalityTest | null;
  };
}

/** What `diagnose()` of a fit gives. */
export interface Diagnosis extends DiagnosisParts {
  /** The diagnosis as text. */
  report(): string;
}

/** Points that are shown. */
const shownPoints = 3;

export function diagnosisText(parts: DiagnosisParts): string {
  const { findings, rank, conditionNumber, leverage, studentized, cook } = parts;
  const { runs, durbinWatson, autocorrelation, normality } = parts.residuals;
  const text = (value: number): string => format(value, 3);
  const lines =
    findings.length === 0
      ? ['nothing found']
      : findings.map(({ code, message }) => `${code}: ${message}`);
  const rows = [
    ['rank', `${rank}, condition number ${text(conditionNumber)}`],
    ['runs', `${runs.runs}, expected ${text(runs.expected)}, p ${text(runs.pTwoSided)}`],
    ['Durbin-Watson', `${text(durbinWatson)}, autocorrelation ${text(autocorrelation)}`],
  ];
  if (normality !== null) {
    const name = normality.method === 'shapiro-wilk' ? 'Shapiro-Wilk' : 'Anderson-Darling';
    rows.push([name, `${text(normality.statistic)}, p ${text(normality.pValue)}`]);
  }
  lines.push('', ...table(rows));
  const order = Array.from(cook, (_, i) => i).filter((i) => cook[i] > 0);
  if (order.length > 0) {
    order.sort((a, b) => cook[b] - cook[a]);
    const points = order
      .slice(0, shownPoints)
      .map((i) => [`${i}`, text(leverage[i]), text(studentized[i]), text(cook[i])]);
    const head = ['point', 'leverage', 'residual / sd', "Cook's distance"];
    lines.push('', ...table([head, ...points]));
  }
  return lines.join('\n');
}
