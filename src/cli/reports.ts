// Reports and diagnoses, one per group, below headings where there are groups.

import type { ReportFormat } from './fit-request.ts';
import type { FitRows } from './fit-rows.ts';
import { formatNumber } from './number-text.ts';

export function* formatReports(
  rows: FitRows,
  format: ReportFormat,
  diagnose: boolean,
): Generator<string> {
  const isMarkdown = format === 'markdown';
  for (const fit of rows.fits) {
    const result = rows.fit(fit);
    const parts = [isMarkdown ? result.toMarkdown() : result.report()];
    if (rows.by !== null) parts.unshift(`${isMarkdown ? '## ' : ''}${heading(rows, fit)}`);
    if (rows.level !== null) parts.push(intervalLines(rows, fit, rows.level, isMarkdown));
    if (diagnose) {
      const text = result.diagnose().report();
      parts.push(isMarkdown ? `\`\`\`text\n${text}\n\`\`\`` : text);
    }
    yield `${fit === rows.fits[0] ? '' : '\n'}${parts.join('\n\n')}\n`;
  }
}

/** The diagnoses alone, below a table. */
export function* formatDiagnoses(rows: FitRows): Generator<string> {
  for (const fit of rows.fits) {
    const head = rows.by === null ? '' : `${heading(rows, fit)}\n\n`;
    yield `\n${head}${rows.fit(fit).diagnose().report()}\n`;
  }
}

/** Name and both ends of every interval. */
function intervalLines(rows: FitRows, fit: number, level: number, isMarkdown: boolean): string {
  const head = `${formatNumber(100 * level)} % interval`;
  const found = Object.entries(rows.row(fit).intervals!).map(([name, ends]) => {
    const [low, high] = ends.map((end) => (end === null ? '–' : formatNumber(end)));
    return [name, `${low} to ${high}`];
  });
  if (isMarkdown) {
    const cells = [['parameter', head], ['---', '---:'], ...found];
    return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
  }
  const width = Math.max(...found.map(([name]) => name.length));
  return [head, ...found.map(([name, text]) => `${name.padEnd(width)}  ${text}`)].join('\n');
}

/** "state treated", without what could steer a terminal. */
function heading(rows: FitRows, fit: number): string {
  return `${rows.by} ${rows.label(fit)}`.replace(/\p{Cc}/gu, '·');
}
