// The small files in examples/data: comma-separated, a header, no quotes. Returns columns by name,
// as numbers where all cells are numbers.
import { readFileSync } from 'node:fs';

export function readCsv(name) {
  const [header, ...lines] = readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const rows = lines.map((line) => line.split(','));
  return Object.fromEntries(
    header.split(',').map((column, k) => {
      const cells = rows.map((row) => row[k]);
      return [
        column,
        cells.every((cell) => cell !== '' && Number.isFinite(Number(cell)))
          ? cells.map(Number)
          : cells,
      ];
    }),
  );
}

/** Where each run of equal values begins, and the end: the `offsets` of a ragged batch. */
export function offsetsOf(groups) {
  const starts = [];
  groups.forEach((group, row) => {
    if (row === 0 || group !== groups[row - 1]) starts.push(row);
  });
  return Uint32Array.of(...starts, groups.length);
}
