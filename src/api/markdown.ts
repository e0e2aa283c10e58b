// The result of a fit as tables in Markdown.

import type { FitRecord } from './fit-result.ts';
import { reportParts } from './report.ts';
import type { FitResult } from './result.ts';

/** Bars would end a cell. */
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');

/** The first row has the headings; columns from the second on are aligned to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const [head, ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `|${head!.map((_, j) => (j === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  return [line(head!), rule, ...body.map(line)];
}

export function markdownText(fit: FitResult<string>, record: FitRecord, digits: number): string {
  const { summary, params, correlations, warnings } = reportParts(fit, record, digits);
  const lines = [...markdownTable(params), '', ...markdownTable([['', 'fit'], ...summary])];
  if (correlations.length > 0)
    lines.push('', ...markdownTable([['parameters', 'correlation'], ...correlations]));
  for (const warning of warnings) lines.push('', `> **Warning** ${warning}`);
  return lines.join('\n');
}
