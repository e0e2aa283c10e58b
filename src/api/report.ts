// The result of a fit as text, for people. What is shown is gathered once, as rows of cells, for
// this and for Markdown.

import type { FitRecord } from './fit-result.ts';
import type { FitResult, FittedParam } from './result.ts';

/** A small number of significant digits, without the zeros that toPrecision pads with. */
export function format(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toPrecision(digits);
  return text.includes('e') || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}

/** Rows of cells with the columns of the same width. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, j) => (widths[j] = Math.max(widths[j] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, j) => cell.padEnd(widths[j]))
      .join('  ')
      .trimEnd(),
  );
}

/** Correlations below this are left out. */
const shownCorrelation = 0.1;

/** What a report shows. */
export interface ReportParts {
  /** A label and a sentence or number each. */
  readonly summary: readonly (readonly [string, string])[];
  /** The first row has the headings. */
  readonly params: readonly (readonly string[])[];
  /** Names of two parameters and their correlation, the strongest first. */
  readonly correlations: readonly (readonly [string, string])[];
  readonly warnings: readonly string[];
}

export function reportParts(
  fit: FitResult<string>,
  record: FitRecord,
  digits: number,
): ReportParts {
  const { stats, params, warnings } = fit;
  const text = (value: number): string => format(value, digits);
  const milliseconds = (fit.elapsedSeconds * 1000).toPrecision(3);
  const evaluations = `${fit.nIter} iterations, ${fit.nEval} evaluations`;
  const summary: [string, string][] = [
    ['model', record.problem.own?.name ?? record.problem.source.name],
    ['status', `${fit.status}, ${fit.message}`],
    ['work', `${evaluations}, ${milliseconds} ms, ${fit.engine} engine`],
    ['points', `${stats.n}, degrees of freedom ${stats.dof}`],
  ];
  const { starts } = fit;
  if (starts !== undefined)
    summary.push(['starts', `${starts.count}, of which ${starts.reached} came to this minimum`]);
  const minimised = minimisedText(record, text);
  if (minimised !== null) summary.push(['minimised', minimised]);
  summary.push(
    ['chi2', `${text(stats.chi2)}, reduced ${text(stats.reducedChi2)}`],
    ['R2', `${text(stats.r2)}, adjusted ${text(stats.adjR2)}`],
    ['rmse', text(stats.rmse)],
  );
  if (Number.isFinite(stats.fValue))
    summary.push([
      'F',
      `${text(stats.fValue)} against a constant, p ${probability(stats.fPValue)}`,
    ]);
  if (Number.isFinite(stats.aic))
    summary.push(['AIC', `${text(stats.aic)}, AICc ${text(stats.aicc)}, BIC ${text(stats.bic)}`]);

  const entries = Object.entries(params);
  const hasLimits = entries.some(([, param]) => limits(param, text) !== '');
  const head = ['parameter', 'value', 'std. error', '', 'start'];
  const rows = entries.map(([name, param]) => {
    const { value, stdErr, init } = param;
    const relative =
      stdErr === null || value === 0
        ? ''
        : `${((100 * stdErr) / Math.abs(value)).toPrecision(3)} %`;
    const row = [name, text(value), spread(param, text), relative, text(init)];
    return hasLimits ? [...row, limits(param, text)] : row;
  });
  return {
    summary,
    params: [hasLimits ? [...head, 'limits'] : head, ...rows],
    correlations: correlations(fit),
    warnings: warnings.map(({ code, message }) => `${code}: ${message}`),
  };
}

function minimisedText(record: FitRecord, text: (value: number) => string): string | null {
  const { loss = 'linear', lossScale } = record;
  if (loss === 'linear') return null;
  if (loss === 'poisson') return 'the Poisson deviance; chi2 is that';
  return `the sum of ${loss} loss with scale ${text(lossScale ?? 1)}; chi2 is that`;
}

/** A probability to three digits. */
function probability(p: number): string {
  return p === 0 ? 'below 1e-300' : format(p, 3);
}

function spread(param: FittedParam, text: (value: number) => string): string {
  const { stdErr, vary, atBound, expr } = param;
  if (stdErr !== null) return `± ${text(stdErr)}`;
  if (atBound !== null) return `at ${atBound} bound`;
  return vary || expr !== undefined ? 'unknown' : 'fixed';
}

/** "0 to 10", "at least 0", "= amp/wid"; nothing where there is nothing. */
function limits({ min, max, expr }: FittedParam, text: (value: number) => string): string {
  if (expr !== undefined) return `= ${expr}`;
  if (min > -Infinity && max < Infinity) return `${text(min)} to ${text(max)}`;
  if (min > -Infinity) return `at least ${text(min)}`;
  return max < Infinity ? `at most ${text(max)}` : '';
}

function correlations({ correlation, varying }: FitResult<string>): [string, string][] {
  if (correlation === null) return [];
  const pairs: [string, number][] = [];
  varying.forEach((a, i) =>
    varying.slice(i + 1).forEach((b, j) => {
      const r = correlation.get(i, i + 1 + j);
      if (Math.abs(r) >= shownCorrelation) pairs.push([`${a}, ${b}`, r]);
    }),
  );
  pairs.sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return pairs.map(([names, r]) => [names, r.toFixed(4)]);
}

export function reportText(fit: FitResult<string>, record: FitRecord, digits: number): string {
  const { summary, params, correlations: pairs, warnings } = reportParts(fit, record, digits);
  const lines = [...table(summary), '', ...table(params)];
  if (pairs.length > 0) lines.push('', 'correlation', ...table(pairs));
  for (const warning of warnings) lines.push('', `warning ${warning}`);
  return lines.join('\n');
}
