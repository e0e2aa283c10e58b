// Starts for a sum of models. Baselines are found below the peaks, by fitting again and again to
// what lies under the last fit (Lieber and Mahadevan-Jansen 2003, Appl. Spectrosc. 57); then peaks
// one after the other, the largest first, each taken away before the next; then the rest. At last
// every term is guessed anew from what the others leave, where that brings the sum closer.

import { evaluateSource } from './evaluate-source.ts';
import { guessInto } from './guess.ts';
import { searchStart } from './guess-search.ts';
import type { ModelSource } from './model-source.ts';

const clippings = 25;
const sweeps = 2;

interface Term {
  readonly source: ModelSource;
  readonly params: Float64Array;
  /** Its values at the points. */
  values: Float64Array;
}

/** @param whole the sum of the sources */
export function guessSum(
  whole: ModelSource, sources: readonly ModelSource[], columns: readonly Float64Array[], y: Float64Array,
  out: Float64Array,
): void {
  let at = 0;
  const terms = sources.map((source): Term => {
    const params = out.subarray(at, at += source.paramNames.length);
    return { source, params, values: new Float64Array(y.length) };
  });
  const baselines = terms.filter(({ source }) => source.role === 'baseline');
  const peaks = terms.filter(({ source }) => source.role === 'peak');
  const others = terms.filter(({ source }) => source.role === undefined);

  const update = (term: Term, data: Float64Array): void => {
    term.params.fill(NaN);
    guessInto(term.source, columns, data, term.params);
    term.values = evaluateSource(term.source, columns, y.length, term.params);
  };
  const fitBaselines = (data: Float64Array): void => {
    for (const term of baselines) update(term, without(data, baselines, term));
  };

  const rest = (): Float64Array => without(y, terms, null);
  let sign = 0;
  if (baselines.length > 0) {
    fitBaselines(y);
    if (peaks.length > 0) {
      sign = orientation(rest());
      let clipped = y;
      for (let k = 0; k < clippings; k++) {
        const base = without(y, baselines, null).map((value, i) => y[i] - value);
        clipped = clipped.map((value, i) => (sign * (value - base[i]) > 0 ? base[i] : value));
        fitBaselines(clipped);
      }
    }
  }
  for (const term of peaks) {
    const data = rest();
    if (sign === 0) sign = orientation(data);
    update(term, data.map((value) => (sign * value > 0 ? value : 0)));
  }
  for (const term of others) update(term, rest());
  for (let k = 0; k < sweeps; k++) for (const term of terms) improve(term, terms, columns, y);
  // Curves of a kind share the data: one that is taken first leaves little to the other.
  if (baselines.length + others.length < 2) return;
  const before = sumOfSquares(rest());
  const found = new Float64Array(out.length).fill(NaN);
  if (searchStart(whole, columns, y, found) < before) out.set(found);
}

/** y less all terms but one. */
function without(y: Float64Array, terms: readonly Term[], kept: Term | null): Float64Array {
  const out = y.slice();
  for (const term of terms)
    if (term !== kept) for (let i = 0; i < out.length; i++) out[i] -= term.values[i];
  return out;
}

/** Whether peaks stand up or hang down: the sign of the third moment. */
function orientation(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 3;
  return sum < 0 ? -1 : 1;
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** Guesses one term from what the others leave; kept where the sum comes closer to the data. */
function improve(
  term: Term, terms: readonly Term[], columns: readonly Float64Array[], y: Float64Array,
): void {
  const data = without(y, terms, term);
  const before = sumOfSquares(data.map((value, i) => value - term.values[i]));
  const params = new Float64Array(term.params.length).fill(NaN);
  guessInto(term.source, columns, data, params);
  const values = evaluateSource(term.source, columns, y.length, params);
  if (!(sumOfSquares(data.map((value, i) => value - values[i])) < before)) return;
  term.params.set(params);
  term.values = values;
}
