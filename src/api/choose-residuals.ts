// How residuals will run: compiled, with exact derivatives, where the source of the function can be
// read and gives what the function gives; else as the function itself.

import { parseResiduals, type ParsedResidual } from '../model/parse-residuals.ts';
import { inputError } from './errors.ts';
import type { Limits, LsqSettings } from './lsq-options.ts';
import {
  CallbackSystem,
  CompiledSystem,
  type InPlace,
  type JacobianFunction,
  type ResidualSystem,
  type Returning,
  type Steps,
} from './residual-system.ts';
import { dense, readSparsity } from './sparsity.ts';
import type { Warning } from './result.ts';
import { Differences } from './differences.ts';
import { gradientMismatch } from './warnings.ts';

export interface UserResiduals {
  readonly fn: InPlace | Returning;
  /** null for a function that returns its residuals. */
  readonly count: number | null;
}

export interface Chosen {
  readonly system: ResidualSystem;
  /** Why the function was not compiled, where that was tried. */
  readonly reason?: string;
}

/** Points at which a compiled function is compared with the original, beside the start. */
const samples = 6;
/** As for models (problem.ts): √ε of the values at hand; roundings stay far below. */
const agreement = 2 ** -26;
/** Values beyond this are not compared: an intermediate may have overflowed. */
const largest = 1e150;

export function compileResiduals(
  { fn, count }: UserResiduals,
  start: Float64Array,
  limits: Limits,
): Chosen | { readonly system: null; readonly reason: string } {
  const parse = parseResiduals(fn, start.length, count);
  if (!parse.ok) return { system: null, reason: parse.reason };
  if (parse.residuals.length === 0) return { system: null, reason: 'it returns no residual' };
  let system: CompiledSystem;
  try {
    system = new CompiledSystem(parse.residuals, start.length);
  } catch (error) {
    if (error instanceof RangeError) return { system: null, reason: error.message };
    throw error;
  }
  const reason = disagreement({ fn, count }, parse.residuals, system, start, limits);
  if (reason !== undefined) return { system: null, reason };
  system.evaluations = 0;
  return { system };
}

/** A point to try: around the start first, then of both signs, always within the bounds. */
function sample(k: number, start: Float64Array, { lower, upper }: Limits): Float64Array {
  return start.map((value, j) => {
    // Fixed pseudo-random numbers in (0, 1): the golden-ratio sequence (Weyl 1916).
    const t = (k * 37 + j * 11 + 1) * 0.6180339887498949;
    const u = t - Math.floor(t);
    if (k === 0) return value;
    const to = k % 2 === 1 ? value * (0.5 + u) + (value === 0 ? u : 0) : 4 * u - 2;
    return to >= lower[j] && to <= upper[j] ? to : value;
  });
}

function disagreement(
  { fn, count }: UserResiduals,
  residuals: readonly ParsedResidual[],
  system: CompiledSystem,
  start: Float64Array,
  limits: Limits,
): string | undefined {
  const m = residuals.length;
  const compiled = new Float64Array(m);
  for (let k = 0; k <= samples; k++) {
    const x = sample(k, start, limits);
    const own = new Float64Array(m).fill(NaN);
    let given: unknown;
    try {
      given = count === null ? (fn as Returning)(x.slice()) : fn(x.slice(), own);
    } catch (error) {
      return `it throws where it was tried: ${String(error)}`;
    }
    if (count === null) {
      if (!Array.isArray(given) || given.length !== m) return 'it does not return what it reads as';
      for (let i = 0; i < m; i++) own[i] = given[i] as number;
    }
    system.residualsInto(x, compiled).next();
    let scale = 0;
    for (const v of [...own, ...compiled]) if (Math.abs(v) > scale) scale = Math.abs(v);
    if (!(scale <= largest)) continue;
    for (let i = 0; i < m; i++) {
      if (Number.isNaN(own[i]) && Number.isNaN(compiled[i])) continue;
      if (!(Math.abs(own[i] - compiled[i]) <= agreement * scale))
        return `compiled, residual ${i} is ${compiled[i]} where the function gives ${own[i]}`;
    }
  }
  return undefined;
}

export interface CallbackChoice {
  readonly user: UserResiduals;
  readonly m: number;
  readonly jacobian: JacobianFunction | null;
  readonly limits: Limits;
  /** Typical sizes of the variables, where given. */
  readonly scale: Float64Array | null;
}

/** The function itself, with its own Jacobian or differences. */
export function callbackSystem(
  { user, m, jacobian, limits, scale }: CallbackChoice,
  settings: LsqSettings,
  n: number,
): CallbackSystem {
  const { jacSparsity, noise, jac } = settings;
  const { lower, upper } = limits;
  return new CallbackSystem({
    m,
    n,
    fn: user.fn,
    isInPlace: user.count !== null,
    jacobian,
    differences: {
      points: jac === '3-point' ? 3 : 2,
      lower,
      upper,
      sizes: scale,
      noise: noise ?? 2 ** -52,
      pattern:
        jacSparsity === undefined
          ? dense(jacobian === null ? m : 0, n)
          : readSparsity(jacSparsity, m, n),
    },
  });
}

/** Entries may differ by this share of their column's largest … */
const slopeTolerance = 1e-3;

/**
 * Compares a given Jacobian with differences at the start, once along all variables together, and
 * entry by entry only where that disagrees.
 */
export function* checkJacobian(
  system: CallbackSystem,
  x: Float64Array,
  residuals: Float64Array,
  limits: Limits,
): Steps<Warning | null> {
  const { m, n } = system;
  const given = new Float64Array(m * n);
  yield* system.jacobianInto(x, residuals, given);
  const moved = x.slice(),
    after = new Float64Array(m);
  // Far enough for rounding to be small, near enough for curvature to be.
  const reach = 2 ** -20;
  for (let j = 0; j < n; j++) {
    const step = reach * (x[j] === 0 ? 1 : Math.abs(x[j]));
    moved[j] = x[j] + step <= limits.upper[j] ? x[j] + step : Math.max(x[j] - step, limits.lower[j]);
  }
  yield* system.residualsInto(moved, after);
  if (isExplained(given, x, moved, residuals, after)) return null;
  const differences = new Differences(m, n, {
    points: 2,
    lower: limits.lower,
    upper: limits.upper,
    sizes: null,
    noise: 2 ** -52,
    pattern: dense(m, n),
  });
  const own = new Float64Array(m * n);
  differences.visit(x);
  const evaluate = (at: Float64Array, out: Float64Array): Steps => system.residualsInto(at, out);
  yield* differences.jacobianInto(evaluate, x, residuals, own);
  let worst = -1,
    most = 0;
  for (let j = 0; j < n; j++) {
    let size = 0;
    for (let i = 0; i < m; i++) size = Math.max(size, Math.abs(own[i * n + j]));
    for (let i = 0; i < m; i++) {
      const k = i * n + j;
      const share = Math.abs(given[k] - own[k]) / Math.max(size, Math.abs(given[k]));
      if (share > slopeTolerance && share > most) [worst, most] = [k, share];
      if (!Number.isFinite(given[k]) && worst < 0) worst = k;
    }
  }
  if (worst < 0) return null;
  return gradientMismatch(Math.floor(worst / n), worst % n, given[worst], own[worst]);
}

/** Whether the change of the residuals is that of the Jacobian, up to curvature and rounding. */
function isExplained(
  jacobian: Float64Array,
  x: Float64Array,
  moved: Float64Array,
  before: Float64Array,
  after: Float64Array,
): boolean {
  const n = x.length;
  return before.every((value, i) => {
    let change = 0,
      size = 0;
    for (let j = 0; j < n; j++) {
      const part = jacobian[i * n + j] * (moved[j] - x[j]);
      change += part;
      size += Math.abs(part);
    }
    const rounding = 2 ** -40 * Math.max(Math.abs(value), Math.abs(after[i]));
    return Math.abs(after[i] - value - change) <= slopeTolerance * size + rounding;
  });
}

/** @throws InputError where the function answers differently for the same point */
export function requireSame(
  first: Float64Array,
  second: Float64Array,
): void {
  first.forEach((value, i) => {
    if (!Object.is(value, second[i]))
      throw inputError(
        'ERR_MODEL',
        'residuals',
        `residual ${i} is ${value} and then ${second[i]} for the same x; ` +
          'give the size of the noise as `noise` where this is meant to be',
      );
  });
}
