// The result of a fit as text, for people.

import type { FitResult } from './result.ts';

/** A small number of significant digits, without the zeros that toPrecision pads with. */
function format(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toPrecision(digits);
  return text.includes('e') || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}

/** Rows of cells with the columns of the same width. */
function table(rows: readonly (readonly string[])[]): string[] {
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

/** Correlations below this are left out of the text. */
const shownCorrelation = 0.1;

export function reportText(fit: FitResult<string>, model: string, digits: number): string {
  const { stats, params, correlation, varying, warnings } = fit;
  const text = (value: number): string => format(value, digits);
  const milliseconds = (fit.elapsedSeconds * 1000).toPrecision(3);
  const lines = table([
    ['model', model],
    ['status', `${fit.status}, ${fit.message}`],
    [
      'work',
      `${fit.nIter} iterations, ${milliseconds} ms, ${fit.engine} engine`,
    ],
    ['points', `${stats.n}, degrees of freedom ${stats.dof}`],
    ['chi2', `${text(stats.chi2)}, reduced ${text(stats.reducedChi2)}`],
    ['R2', `${text(stats.r2)}, adjusted ${text(stats.adjR2)}`],
    ['rmse', text(stats.rmse)],
    ['AIC', `${text(stats.aic)}, BIC ${text(stats.bic)}`],
  ]);
  const rows = [['parameter', 'value', 'std. error', '', 'start']];
  for (const [name, { value, stdErr, init, vary }] of Object.entries(params)) {
    const relative =
      stdErr === null || value === 0
        ? ''
        : `${((100 * stdErr) / Math.abs(value)).toPrecision(3)} %`;
    rows.push([
      name,
      text(value),
      vary ? (stdErr === null ? 'unknown' : text(stdErr)) : 'fixed',
      relative,
      text(init),
    ]);
  }
  lines.push('', ...table(rows));
  if (correlation !== null && varying.length > 1) {
    const pairs: string[][] = [];
    varying.forEach((a, i) =>
      varying.slice(i + 1).forEach((b, j) => {
        const r = correlation.get(i, i + 1 + j);
        if (Math.abs(r) >= shownCorrelation) pairs.push([`${a}, ${b}`, r.toFixed(4)]);
      }),
    );
    if (pairs.length > 0) lines.push('', 'correlation', ...table(pairs));
  }
  for (const { code, message } of warnings) lines.push('', `warning ${code}: ${message}`);
  return lines.join('\n');
}
