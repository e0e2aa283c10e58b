// What a run minimises: residuals and their Jacobian at a point. A user's function is not called
// here: the call is yielded to the driver, which makes it, awaits it where it may, and sends back
// the answer. So the same run serves synchronous and asynchronous functions.

import { portableEngine } from '../engine/portable.ts';
import { compileProgram } from '../model/compile.ts';
import type { ParsedResidual } from '../model/parse-residuals.ts';
import type { Program } from '../model/program.ts';
import { DenseMatrix, type Matrix } from '../statistics/matrix.ts';
import { Differences, type DifferenceOptions } from './differences.ts';
import { CallbackError, inputError } from './errors.ts';
import { allocate, count, describe, isIndexed } from './validate.ts';

/** A call of a user's function; null only lets the driver look at the clock. */
export type Call = { readonly what: string; readonly x: Float64Array; run(): unknown } | null;

export type DerivativeKind = 'symbolic' | '2-point' | '3-point' | 'given';

/** Steps of a run: yields calls, receives what they returned. */
export type Steps<T = void> = Generator<Call, T, unknown>;

export interface ResidualSystem {
  /** Residuals and variables. */
  readonly m: number;
  readonly n: number;
  readonly derivatives: DerivativeKind;
  /** Calls of the function, and Jacobians. */
  evaluations: number;
  jacobians: number;
  /** What differences go by beside the point; null where there are none. */
  readonly differences: Differences | null;
  residualsInto(x: Float64Array, out: Float64Array): Steps;
  /** ∂r/∂x, row-major m × n. Entries that are always zero are not written. */
  jacobianInto(x: Float64Array, residuals: Float64Array, out: Float64Array): Steps;
}

export type InPlace = (x: Float64Array, out: Float64Array) => unknown;
export type Returning = (x: Float64Array) => unknown;
export type JacobianFunction = (x: Float64Array, out: Matrix) => unknown;

export interface CallbackSetup {
  readonly n: number;
  readonly m: number;
  readonly fn: InPlace | Returning;
  /** Whether `fn` writes into its second argument. */
  readonly isInPlace: boolean;
  readonly jacobian: JacobianFunction | null;
  readonly differences: DifferenceOptions;
}

/** "[1, 2, 3, …]" */
export function pointText(x: ArrayLike<number>): string {
  const shown = Array.from(x).slice(0, 8).join(', ');
  return `[${shown}${x.length > 8 ? ', …' : ''}]`;
}

export function callbackError(call: NonNullable<Call>, cause: unknown): CallbackError {
  const what = cause instanceof Error ? cause.message : describe(cause);
  return new CallbackError(
    `${call.what} threw at x = ${pointText(call.x)}: ${what}`,
    call.x.slice(),
    cause,
  );
}

/** Values that a function returned, or an error that says what came instead. */
export function* askResiduals(
  fn: Returning,
  x: Float64Array,
  m: number,
): Generator<Call, Float64Array, unknown> {
  // A copy: the function may keep it, or write to it.
  const given = yield { what: 'residuals', x, run: () => fn(x.slice()) };
  if (!isIndexed(given, 'residuals')) {
    const hint =
      given === undefined
        ? ' (does it return? A function that fills its second argument needs nResiduals)'
        : '';
    throw inputError(
      'ERR_MODEL',
      'residuals',
      `expected an array of numbers, got ${describe(given)} at x = ${pointText(x)}${hint}`,
    );
  }
  const { length } = given;
  if (m >= 0 && length !== m)
    throw inputError(
      'ERR_MODEL',
      'residuals',
      `returned ${count(length, 'value')} at x = ${pointText(x)}, and ${m} at the start`,
    );
  const out = allocate(length, 'residuals');
  for (let i = 0; i < length; i++) {
    const value = given[i];
    if (typeof value !== 'number')
      throw inputError(
        'ERR_MODEL',
        `residuals[${i}]`,
        `expected a number, got ${describe(value)} at x = ${pointText(x)}`,
      );
    out[i] = value;
  }
  return out;
}

/** A user's function, with its own Jacobian or differences. */
export class CallbackSystem implements ResidualSystem {
  readonly m: number;
  readonly n: number;
  readonly derivatives: DerivativeKind;
  evaluations = 0;
  jacobians = 0;
  readonly differences: Differences | null;
  readonly #setup: CallbackSetup;
  readonly #buffer: Float64Array;

  constructor(setup: CallbackSetup) {
    const { m, n, jacobian, isInPlace } = setup;
    this.m = m;
    this.n = n;
    this.#setup = setup;
    this.#buffer = new Float64Array(isInPlace ? m : 0);
    this.differences = jacobian === null ? new Differences(m, n, setup.differences) : null;
    this.derivatives =
      jacobian !== null ? 'given' : setup.differences.points === 2 ? '2-point' : '3-point';
  }

  *residualsInto(x: Float64Array, out: Float64Array): Steps {
    const { fn, isInPlace, m } = this.#setup;
    this.evaluations++;
    if (!isInPlace) {
      out.set(yield* askResiduals(fn as Returning, x, m));
      return;
    }
    const buffer = this.#buffer.fill(NaN);
    const given = yield { what: 'residuals', x, run: () => fn(x.slice(), buffer) };
    if (isIndexed(given, 'residuals') && given !== buffer)
      throw inputError(
        'ERR_MODEL',
        'residuals',
        'with nResiduals it has to fill its second argument, and it returned an array',
      );
    out.set(buffer);
  }

  *jacobianInto(x: Float64Array, residuals: Float64Array, out: Float64Array): Steps {
    const { jacobian, m, n } = this.#setup;
    this.jacobians++;
    if (this.differences !== null) {
      const { differences } = this;
      differences.visit(x);
      const evaluate = (at: Float64Array, into: Float64Array): Steps =>
        this.residualsInto(at, into);
      yield* differences.jacobianInto(evaluate, x, residuals, out);
      return;
    }
    out.fill(0);
    const matrix = new DenseMatrix(m, n, out);
    const given = yield { what: 'jac', x, run: () => jacobian!(x.slice(), matrix) };
    if (given !== undefined && given !== matrix)
      throw inputError(
        'ERR_MODEL',
        'jac',
        `expected it to fill its second argument (out.data, row by row), and it returned ${describe(given)}`,
      );
  }
}

interface CompiledResidual {
  readonly value: Program;
  readonly derivatives: Program;
  readonly slopes: Float64Array;
}

/** Compiled residuals, with exact derivatives by the variables that each contains. */
export class CompiledSystem implements ResidualSystem {
  readonly m: number;
  readonly n: number;
  readonly derivatives = 'symbolic';
  evaluations = 0;
  jacobians = 0;
  readonly differences = null;
  readonly #residuals: readonly CompiledResidual[];
  readonly #value: Float64Array = new Float64Array(1);

  /** @throws RangeError where a residual needs a larger program than there can be */
  constructor(residuals: readonly ParsedResidual[], n: number) {
    this.m = residuals.length;
    this.n = n;
    this.#residuals = residuals.map(({ model, variables }) => ({
      value: compileProgram(model, []),
      derivatives: compileProgram(model, variables),
      slopes: new Float64Array(variables.length),
    }));
  }

  // oxlint-disable-next-line require-yield -- nothing is asked of the driver
  *residualsInto(x: Float64Array, out: Float64Array): Steps {
    this.evaluations++;
    const value = this.#value;
    this.#residuals.forEach((residual, i) => {
      portableEngine.evaluate(residual.value, [], 1, x, value, null);
      out[i] = value[0];
    });
  }

  // oxlint-disable-next-line require-yield -- nothing is asked of the driver
  *jacobianInto(x: Float64Array, _residuals: Float64Array, out: Float64Array): Steps {
    this.jacobians++;
    const { n } = this;
    this.#residuals.forEach(({ derivatives, slopes }, i) => {
      portableEngine.evaluate(derivatives, [], 1, x, this.#value, slopes);
      for (let k = 0; k < slopes.length; k++) out[i * n + derivatives.varying[k]] = slopes[k];
    });
  }
}
