// "Did you mean": the nearest name by edit distance (Levenshtein 1966), ignoring case.

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

/** Names longer than this are not compared: the cost is the product of the lengths. */
const longest = 64;

/** "; did you mean 'sigma'?" where a name is near, else "". A third of the letters may differ. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  if (name.length > longest) return '';
  let best = '', bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > longest) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= allowed && distance < candidate.length && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : `; did you mean '${best}'?`;
}
