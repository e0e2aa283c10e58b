// The `params` option: which parameters there are, where they start, which of them vary, and within
// which bounds.

import { usedParams } from '../model/compile.ts';
import type { Hints } from '../model/library/library-model.ts';
import { inputError } from './errors.ts';
import { defaultStart, insideBounds } from './inside-bounds.ts';
import { checkInside, checkScale, readSpec, unsaid, type Spec } from './param-spec.ts';
import { didYouMean } from './suggest.ts';
import { applyTies, readTies, type Tie } from './ties.ts';
import { count, describe, isIndexed, isRecord } from './validate.ts';

export type { Tie };

export interface ParamSet {
  /** The model's parameters, then those that only ties use or define. */
  readonly names: readonly string[];
  /** Start of every parameter, in the order of `names`; tied ones at the value of their formula. */
  readonly init: Float64Array;
  /** false for fixed and for tied parameters. */
  readonly vary: readonly boolean[];
  /** Indices of the parameters that vary, ascending. */
  readonly varying: readonly number[];
  /** Parameters that no start was given for. */
  readonly atDefault: readonly string[];
  /** Bounds of all parameters, ±Infinity where there is none. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Whether a varying parameter has a bound. */
  readonly hasBounds: boolean;
  /** Typical size of every parameter, where one was given. */
  readonly scale: Float64Array | null;
  readonly ties: readonly Tie[];
}

export type StartSource = 'model' | 'init' | 'guess';

/**
 * @param names the model's parameters; null for a plain function, whose parameters are the names
 *   given
 * @param starts where those come from that are not given here: 'init' has them all, 'guess' finds
 *   them in data, 'model' does so unless it is a plain function
 * @param hints limits that come with the model: for parameters that are guessed, and that nothing
 *   else was said about
 */
export function readParams(
  given: unknown,
  names: readonly string[] | null,
  starts: StartSource,
  hints: Hints = {},
): ParamSet {
  if (given === undefined) {
    if (names === null)
      throw inputError(
        'ERR_PARAMS',
        'params',
        'a plain function needs its parameters named, for example params: { a: 1 }',
      );
    given = {};
  }
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'params',
      `expected an object such as { a: 1 }, got ${describe(given)}`,
    );
  const keys = Object.keys(given);
  if (names === null && keys.length === 0)
    throw inputError('ERR_PARAMS', 'params', 'names no parameter');
  const specs = new Map<string, Spec>();
  for (const key of keys) {
    // Set as a member of the object that the user's function receives, it would be its prototype.
    if (key === '__proto__') throw prototypeName();
    specs.set(key, readSpec(given[key], `params.${key}`));
  }
  if (names?.includes('__proto__') === true) throw prototypeName();
  const all = names === null ? keys : [...names, ...keys.filter((key) => !names.includes(key))];

  const n = all.length;
  const init = new Float64Array(n),
    lower = new Float64Array(n).fill(-Infinity),
    upper = new Float64Array(n).fill(Infinity);
  const vary: boolean[] = [];
  const varying: number[] = [];
  const atDefault: string[] = [];
  const formulas = new Map<number, string>();
  let hasBounds = false;
  for (let k = 0; k < n; k++) {
    const name = all[k];
    const spec = specs.get(name) ?? unsaid;
    vary.push(spec.expr === undefined && spec.vary !== false);
    if (spec.expr !== undefined) {
      formulas.set(k, spec.expr);
      continue;
    }
    const isFree = spec.value === undefined && starts !== 'init' && spec.vary !== false;
    const isUnbound = spec.min === undefined && spec.max === undefined;
    const limits = isFree && isUnbound ? readHint(hints, name) : spec;
    lower[k] = limits.min ?? -Infinity;
    upper[k] = limits.max ?? Infinity;
    if (spec.value === undefined && starts !== 'init') {
      if (names === null && starts === 'model')
        throw inputError(
          'ERR_PARAMS',
          `params.${name}.value`,
          'a parameter of a plain function needs a value to start from',
        );
      if (spec.vary === false)
        throw inputError(
          'ERR_PARAMS',
          `params.${name}.value`,
          'a parameter that does not vary needs a value',
        );
      atDefault.push(name);
    }
    init[k] = spec.value ?? defaultStart(lower[k], upper[k]);
    if (!vary[k]) continue;
    varying.push(k);
    hasBounds ||= lower[k] > -Infinity || upper[k] < Infinity;
    init[k] = insideBounds(init[k], lower[k], upper[k]);
  }
  const ties = formulas.size === 0 ? [] : readTies(all, formulas, varying);
  if (names !== null) checkExtras(names, keys, specs, ties);
  if (varying.length === 0)
    throw inputError('ERR_PARAMS', 'params', 'at least one parameter must vary');
  applyTies(ties, init);
  const scale = scaleOf(all, specs, init);
  return { names: all, init, vary, varying, atDefault, lower, upper, hasBounds, scale, ties };
}

function readHint(hints: Hints, name: string): Spec {
  return Object.hasOwn(hints, name) ? readSpec(hints[name], `params.${name}`) : unsaid;
}

function prototypeName(): Error {
  return inputError('ERR_PARAMS', 'params.__proto__', 'cannot be the name of a parameter');
}

/** Names beyond the model's are for ties: defined by one, or read by one. */
function checkExtras(
  names: readonly string[],
  keys: readonly string[],
  specs: ReadonlyMap<string, Spec>,
  ties: readonly Tie[],
): void {
  const isRead = readByTies(ties);
  for (const key of keys) {
    if (names.includes(key) || specs.get(key)!.expr !== undefined || isRead(key)) continue;
    const known =
      names.length === 0
        ? 'the model has no parameters'
        : `the model does not contain it; its parameters are ${names.join(', ')}`;
    throw inputError('ERR_PARAMS', `params.${key}`, known + didYouMean(key, names));
  }
}

/** Whether a formula reads a parameter, or stands for it. */
export function readByTies(ties: readonly Tie[]): (name: string) => boolean {
  const used = new Set<string>();
  for (const { parsed, index } of ties) {
    used.add(parsed.params[index]);
    for (const name of usedParams(parsed)) used.add(name);
  }
  return (name) => used.has(name);
}

/** Where only some parameters have a scale, the others have that of their start. */
function scaleOf(
  names: readonly string[],
  specs: ReadonlyMap<string, Spec>,
  init: Float64Array,
): Float64Array | null {
  if (!names.some((name) => specs.get(name)?.scale !== undefined)) return null;
  return Float64Array.from(names, (name, k) => specs.get(name)?.scale ?? sizeOf(init[k]));
}

const sizeOf = (value: number): number =>
  value === 0 || !Number.isFinite(value) ? 1 : Math.abs(value);

/** The `xScale` option on top of the scales in `params`. */
export function withScale(params: ParamSet, xScale: unknown): ParamSet {
  if (xScale === undefined || xScale === 'jac') return params;
  if (!isIndexed(xScale, 'xScale'))
    throw inputError(
      'ERR_TYPE',
      'xScale',
      `expected 'jac' or an array with one number per parameter, got ${describe(xScale)}`,
    );
  const n = params.names.length;
  if (xScale.length !== n)
    throw inputError(
      'ERR_SHAPE',
      'xScale',
      `expected ${count(n, 'value')} (${params.names.join(', ')}), got ${xScale.length}`,
    );
  const scale = Float64Array.from({ length: n }, (_, k) => checkScale(xScale[k], `xScale[${k}]`));
  return { ...params, scale };
}

/**
 * Starts for one fit, inside of the bounds, with the values of ties.
 * @param first position of the first one in the `init` option, which must lie inside; null for
 *   starts that are moved inside
 */
export function settleStarts(params: ParamSet, init: Float64Array, first: number | null): void {
  const { varying, lower, upper, ties, hasBounds } = params;
  if (hasBounds)
    for (const k of varying) {
      if (first !== null) checkInside(init[k], lower[k], upper[k], `init[${first + k}]`);
      init[k] = insideBounds(init[k], lower[k], upper[k]);
    }
  applyTies(ties, init);
}
