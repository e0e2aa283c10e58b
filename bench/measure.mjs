// Measuring side by side: every contestant runs once per round, in turn and in alternating order,
// so that what slows the machine down for a while slows all of them. Medians, and the spread as
// the range of the middle half over the median.

export function median(values) {
  return quantile(values, 0.5);
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1),
    low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** Median and relative spread, rounded to what a clock can tell. */
export function summary(values) {
  const middle = median(values);
  const spread = (quantile(values, 0.75) - quantile(values, 0.25)) / middle;
  return { median: Number(middle.toPrecision(4)), spread: Number(spread.toFixed(3)) };
}

const clocks = {
  wall: () => performance.now() / 1000,
  // Time on the processor alone: for one thread on a machine that others use as well.
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};
let now = clocks.wall;

/** Chooses 'wall' or 'cpu' for everything that is measured from here on. */
export function useClock(name) {
  now = clocks[name];
}

export function measuresThreads() {
  return now === clocks.wall;
}

/** Seconds that `run` takes, a promise included. */
export async function seconds(run) {
  const started = now();
  await run();
  return now() - started;
}

/**
 * Figures of contestants { name: () => figure }, each called once to warm up and then once per
 * round. Returns { name: { median, spread } }.
 */
export async function interleave(contestants, rounds) {
  const names = Object.keys(contestants);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await contestants[name]();
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) figures[name].push(await contestants[name]());
  }
  return Object.fromEntries(names.map((name) => [name, summary(figures[name])]));
}

/** Rows of cells as text: the first column to the left, numbers to the right. */
export function table(header, rows) {
  const cells = [header, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? format(cell) : (cell ?? '–'))),
  );
  const widths = header.map((_, k) => Math.max(...cells.map((row) => row[k].length)));
  const line = (row) =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  ');
  return [
    line(cells[0]),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...cells.slice(1).map(line),
  ].join('\n');
}

function format(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

export const percent = (share) =>
  share === undefined ? undefined : `${Number((100 * share).toPrecision(4))} %`;
