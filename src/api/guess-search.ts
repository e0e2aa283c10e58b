// Starts for models that say nothing about themselves. Parameters in which the model is linear are
// solved for (variable projection: Golub and Pereyra 1973); for the others values on the scales of
// the data are tried: places on the axis, widths, rates, levels, small pure numbers. First spread
// evenly over all combinations, then one parameter after the other from the best, then by shrinking
// steps. The score is the sum of squares; everything is deterministic.

import { linearParams, type ParsedModel } from '../model/compile.ts';
import type { Program } from '../model/program.ts';
import { condensed } from '../model/guess/curve.ts';
import { fitLinear } from '../model/guess/linear.ts';
import { portableEngine } from '../engine/portable.ts';
import { evaluateSource } from './evaluate-source.ts';
import { programOf, type ModelSource } from './model-source.ts';

/** Points that are looked at. */
const mostPoints = 48;
/** Combinations tried at first. */
const spread = 400;
/** How many of the best are followed up. */
const followed = 3;
const coordinateSweeps = 2;
/** Of a difference, over what was subtracted. */
const rounding = 1e-12;
/** Of solved parameters, over the largest |y|. */
const largestCoefficient = 1e15;
/** Steps of the last refinement, relative to the value. */
const steps: readonly number[] = [0.5, 0.2, 0.08];
const defaultStart = 1;

interface Attempt {
  readonly params: Float64Array;
  readonly ssr: number;
}

/**
 * Writes a start for every parameter that is NaN on entry; returns its sum of squares over a sample
 * of the points, Infinity where the model is finite nowhere.
 */
export function searchStart(
  source: ModelSource, allColumns: readonly Float64Array[], allY: Float64Array, out: Float64Array,
): number {
  const { columns, y } = sample(allColumns, allY);
  const free: number[] = [];
  out.forEach((value, k) => {
    if (Number.isNaN(value)) free.push(k);
  });
  const linear = linearOf(source).filter((k) => free.includes(k));
  const solved = linear.length > 0 && linear.length < y.length ? linear : [];
  const score = scorer(source, columns, y, solved);
  const shaping = free.filter((k) => !solved.includes(k));
  const values = candidates(columns, y);
  const start = out.map((value) => (Number.isNaN(value) ? defaultStart : value));

  let best = tryAll(start, shaping, values, score);
  best = best.map((attempt) => followUp(attempt, shaping, values, score));
  let winner = best.reduce((a, b) => (b.ssr < a.ssr ? b : a));
  for (const step of steps) winner = refine(winner, shaping, step, score);
  out.set(winner.params);
  if (winner.ssr < Infinity && y.length < allY.length) return fullSsr(source, allColumns, allY, out);
  return winner.ssr;
}

function fullSsr(
  source: ModelSource, columns: readonly Float64Array[], y: Float64Array, params: Float64Array,
): number {
  return distance(evaluateSource(source, columns, y.length, params), y);
}

function distance(values: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (y[i] - values[i]) * (y[i] - values[i]);
  return sum < Infinity ? sum : Infinity;
}

function sample(
  columns: readonly Float64Array[], y: Float64Array,
): { columns: readonly Float64Array[]; y: Float64Array } {
  if (columns.length === 1) {
    const curve = condensed(columns[0], y, mostPoints);
    return { columns: [curve.x], y: curve.y };
  }
  if (y.length <= mostPoints) return { columns, y };
  // Evenly by the golden ratio, so that no regular grid is met in step.
  const chosen = Array.from({ length: mostPoints }, (_, k) =>
    Math.floor(((k * 0.6180339887498949) % 1) * y.length));
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(chosen, (i) => column[i]);
  return { columns: columns.map(pick), y: pick(y) };
}

const known = new WeakMap<ParsedModel, readonly number[]>();

function linearOf({ parsed }: ModelSource): readonly number[] {
  if (parsed === null) return [];
  let linear = known.get(parsed);
  if (linear === undefined) known.set(parsed, (linear = linearParams(parsed)));
  return linear;
}

/** Sum of squares at params, where those in `linear` are solved for and written. */
type Score = (params: Float64Array) => number;

function scorer(
  source: ModelSource, columns: readonly Float64Array[], y: Float64Array,
  linear: readonly number[],
): Score {
  const m = y.length;
  const { parsed } = source;
  if (parsed === null)
    return (params) => {
      try {
        return distance(evaluateSource(source, columns, m, params), y);
      } catch {
        // A function that throws somewhere is tried elsewhere.
        return Infinity;
      }
    };
  const program: Program = programOf(parsed, linear);
  const value = new Float64Array(m);
  const jacobian = new Float64Array(m * linear.length);
  const width = linear.length;
  const basis = linear.map(() => new Float64Array(m));
  const target = new Float64Array(m);
  const coefficients = new Float64Array(linear.length);
  const scale = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return (params) => {
    for (const k of linear) params[k] = 1;
    portableEngine.evaluate(program, columns, m, params, value, width > 0 ? jacobian : null);
    if (width === 0) return distance(value, y);
    // f = f₀ + Σ cₖ·gₖ was evaluated with every c = 1.
    for (let i = 0; i < m; i++) {
      let rest = value[i];
      for (let j = 0; j < width; j++) rest -= basis[j][i] = jacobian[i * width + j];
      // What is left by rounding is not f₀.
      target[i] = Math.abs(rest) > rounding * Math.abs(value[i]) ? y[i] - rest : y[i];
    }
    const ssr = fitLinear(basis, target, coefficients);
    // The far tail of a curve, blown up: it fits by chance and leads nowhere.
    if (coefficients.some((value) => Math.abs(value) > largestCoefficient * scale)) return Infinity;
    linear.forEach((k, j) => {
      params[k] = coefficients[j];
    });
    return ssr;
  };
}

/** Values on the scales of the data. */
function candidates(columns: readonly Float64Array[], y: Float64Array): number[] {
  const values = new Set<number>([1, 0.5, 2, 3, 0.1, 10, 0, -1]);
  let low = Infinity;
  let high = -Infinity;
  let lowAt = 0;
  let highAt = 0;
  y.forEach((value, i) => {
    if (value < low) [low, lowAt] = [value, i];
    if (value > high) [high, highAt] = [value, i];
  });
  for (const x of columns) {
    const least = x.reduce((a, b) => Math.min(a, b));
    const most = x.reduce((a, b) => Math.max(a, b));
    const range = most - least || Math.abs(most) || 1;
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) values.add(least + part * range);
    values.add(x[highAt]).add(x[lowAt]);
    for (const part of [0.03, 0.1, 0.3, 1]) values.add(part * range);
    for (const part of [0.3, 1, 3, 10, 30]) values.add(part / range);
    for (const part of [0.3, 1, 3]) values.add(-part / range);
  }
  values.add(high).add(low).add(high - low).add(0.5 * (high + low));
  return [...values].filter(Number.isFinite);
}

function tryAll(
  start: Float64Array, shaping: readonly number[], values: readonly number[], score: Score,
): Attempt[] {
  const combinations = values.length ** shaping.length;
  const count = Math.min(spread, combinations);
  const attempts: Attempt[] = [];
  const base = start.slice();
  attempts.push({ params: base, ssr: score(base) });
  for (let s = 0; s < count; s++) {
    const params = start.slice();
    let rest = s;
    shaping.forEach((k, j) => {
      // All of them in turn where they are few, else a sequence with little structure (Halton 1960).
      const at = combinations <= spread ? rest % values.length
        : Math.floor(radicalInverse(s + 1, primes[j % primes.length]) * values.length);
      rest = Math.floor(rest / values.length);
      params[k] = values[at];
    });
    attempts.push({ params, ssr: score(params) });
  }
  return attempts.sort((a, b) => (a.ssr < b.ssr ? -1 : a.ssr > b.ssr ? 1 : 0)).slice(0, followed);
}

const primes: readonly number[] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

function radicalInverse(index: number, base: number): number {
  let value = 0;
  let unit = 1 / base;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * unit;
    unit /= base;
  }
  return value;
}

/** Each parameter in turn over all values. */
function followUp(
  from: Attempt, shaping: readonly number[], values: readonly number[], score: Score,
): Attempt {
  let best = from;
  for (let sweep = 0; sweep < coordinateSweeps; sweep++) {
    const before = best.ssr;
    for (const k of shaping) best = tryValues(best, k, values, score);
    if (!(best.ssr < before)) break;
  }
  return best;
}

function refine(
  from: Attempt, shaping: readonly number[], step: number, score: Score,
): Attempt {
  let best = from;
  for (const k of shaping) {
    const value = best.params[k];
    const reach = step * (Math.abs(value) || 1);
    best = tryValues(best, k, [value - reach, value - 0.5 * reach, value + 0.5 * reach, value + reach],
      score);
  }
  return best;
}

function tryValues(
  from: Attempt, k: number, values: readonly number[], score: Score,
): Attempt {
  let best = from;
  for (const value of values) {
    if (value === best.params[k]) continue;
    const params = best.params.slice();
    params[k] = value;
    const ssr = score(params);
    if (ssr < best.ssr) best = { params, ssr };
  }
  return best;
}
