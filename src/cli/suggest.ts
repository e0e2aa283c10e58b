// "Did you mean": the nearest name by edit distance with transpositions of neighbours
// (optimal string alignment, after Damerau 1964), ignoring case.

/** Longest list of names that a message spells out. */
const listed = 12;
/** Names longer than this are not compared: the cost is the product of the lengths. */
const longest = 64;

function editDistance(a: string, b: string): number {
  let beforeLast = new Uint32Array(b.length + 1);
  let last = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        last[j] + 1,
        row[j - 1] + 1,
        last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? beforeLast[j - 2] + 1 : Infinity,
      );
    }
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[b.length];
}

/** The name that was probably meant: at most a third of the letters differ. Else null. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let bestDistance = Infinity;
  if (name.length > longest) return null;
  for (const candidate of candidates) {
    if (candidate.length > longest) continue;
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    const distance = editDistance(wanted, candidate.toLowerCase());
    // a distance as long as a name would call any one-letter name a misspelling of any other
    if (distance <= allowed && distance < candidate.length && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** " Did you mean 'rate'?", or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === null ? '' : ` Did you mean '${found}'?`;
}

/** "conc, rate, state", cut after a dozen names. */
export function nameList(names: readonly string[]): string {
  if (names.length <= listed) return names.join(', ');
  return `${names.slice(0, listed).join(', ')} and ${names.length - listed} more`;
}
