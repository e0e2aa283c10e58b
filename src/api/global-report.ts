// The result of globalFit as text, for people.

import type { GlobalFitResult } from './global-types.ts';
import { format, table } from './report.ts';
import type { FittedParam } from './result.ts';

/** Sets that are shown one by one. */
const shownSets = 10;

export function globalReport(
  fit: GlobalFitResult<string>,
  model: string,
  digits: number,
): string {
  const { stats, shared, warnings } = fit;
  const local: readonly Readonly<Record<string, FittedParam>>[] = fit.local;
  const text = (value: number): string => format(value, digits);
  const milliseconds = (fit.elapsedSeconds * 1000).toPrecision(3);
  const lines = table([
    ['model', model],
    ['status', `${fit.status}, ${fit.message}`],
    [
      'work',
      `${fit.nIter} iterations, ${fit.nEval} evaluations, ${milliseconds} ms, ${fit.engine} engine`,
    ],
    ['sets', `${local.length}`],
    ['points', `${stats.n}, degrees of freedom ${stats.dof}`],
    ['chi2', `${text(stats.chi2)}, reduced ${text(stats.reducedChi2)}`],
    ['R2', text(stats.r2)],
    ['AIC', `${text(stats.aic)}, BIC ${text(stats.bic)}`],
  ]);
  const spread = ({ vary, stdErr, atBound, expr }: FittedParam): string => {
    if (expr !== undefined) return `${stdErr === null ? 'unknown' : text(stdErr)}, = ${expr}`;
    if (!vary) return 'fixed';
    if (stdErr === null) return atBound === null ? 'unknown' : `at ${atBound} bound`;
    return text(stdErr);
  };
  const rows = [['shared', 'value', 'std. error', 'start']];
  for (const [name, param] of Object.entries(shared))
    rows.push([name, text(param.value), spread(param), text(param.init)]);
  lines.push('', ...table(rows));
  const names = Object.keys(local[0] ?? {});
  if (names.length > 0) {
    const cells = [['set', ...names.flatMap((name) => [name, 'std. error'])]];
    local.slice(0, shownSets).forEach((params, i) => {
      cells.push([
        String(i),
        ...names.flatMap((name) => [text(params[name]!.value), spread(params[name]!)]),
      ]);
    });
    lines.push('', ...table(cells));
    if (local.length > shownSets) lines.push(`and ${local.length - shownSets} more`);
  }
  for (const { code, message } of warnings) lines.push('', `warning ${code}: ${message}`);
  return lines.join('\n');
}
