// Greedy sharing among products: as long as two factors occur together in more than one product
// (or a factor twice in several places), the most frequent pair becomes a factor of its own.
// Repeated squaring falls out of it: in r¹² the pair (r, r) is found six times.

/** Beyond so many factors in all, pairs are not searched for: models of that size are generated. */
const maxFactors = 20000;
/** Numbers of factors stay below this. */
const factorRange = 1 << 26;

interface Pair {
  readonly a: number;
  readonly b: number;
  /** How many multiplications a shared product of this pair would replace, and where. */
  count: number;
  readonly products: Set<number[]>;
}

function occurrences(product: readonly number[], factor: number): number {
  let count = 0;
  for (const entry of product) if (entry === factor) count++;
  return count;
}

/**
 * Rewrites the products in place.
 * @param products the factors of each product, as numbers; a factor may occur several times
 * @param join the number of the factor that is the product of two
 */
export function sharePairs(
  products: readonly number[][], join: (a: number, b: number) => number,
): void {
  const total = products.reduce((sum, product) => sum + product.length, 0);
  if (total > maxFactors) return;
  const pairs = new Map<number, Pair>();
  const tally = (product: number[], change: 1 | -1): void => {
    const distinct = [...new Set(product)].sort((a, b) => a - b);
    const counts = distinct.map((factor) => occurrences(product, factor));
    for (let i = 0; i < distinct.length; i++)
      for (let j = i; j < distinct.length; j++) {
        const n = i === j ? counts[i]! >> 1 : Math.min(counts[i]!, counts[j]!);
        if (n === 0) continue;
        const a = distinct[i]!, b = distinct[j]!, key = a * factorRange + b;
        let pair = pairs.get(key);
        if (pair === undefined) pairs.set(key, pair = { a, b, count: 0, products: new Set() });
        pair.count += change * n;
        if (change > 0) pair.products.add(product);
        else pair.products.delete(product);
        if (pair.count === 0) pairs.delete(key);
      }
  };
  for (const product of products) tally(product, 1);
  for (;;) {
    let best: Pair | null = null;
    for (const pair of pairs.values())
      if (pair.count > 1 && (best === null || pair.count > best.count)) best = pair;
    if (best === null) return;
    const { a, b } = best;
    const joined = join(a, b);
    for (const product of [...best.products]) {
      tally(product, -1);
      const n = a === b ? occurrences(product, a) >> 1
        : Math.min(occurrences(product, a), occurrences(product, b));
      remove(product, a, n);
      remove(product, b, n);
      for (let k = 0; k < n; k++) product.push(joined);
      tally(product, 1);
    }
  }
}

function remove(product: number[], factor: number, times: number): void {
  for (let k = 0; k < times; k++) product.splice(product.indexOf(factor), 1);
}
