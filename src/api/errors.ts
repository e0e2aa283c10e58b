// The errors of the public API. They mean misuse, and are thrown before any work is done, or that a
// user's function threw. Numerical outcomes are never errors: they are a `status` in the result.

import { EngineError, NadirError } from '../engine/engine-error.ts';

export { EngineError, NadirError };

/** What is wrong with an argument. */
export type InputCode =
  | 'ERR_TYPE' // not the kind of thing that was expected
  | 'ERR_SHAPE' // lengths do not match, or nothing where something was expected
  | 'ERR_SIZE' // too large for an array, a program or exact arithmetic on its size
  | 'ERR_NOT_FINITE' // NaN or infinity
  | 'ERR_RANGE' // a number or word outside the allowed set
  | 'ERR_BOUNDS' // bounds that leave no room
  | 'ERR_START_OUTSIDE_BOUNDS' // a start that its bounds exclude
  | 'ERR_DETACHED' // the memory of an array is gone
  | 'ERR_OVERLAP' // two arrays that must be apart share memory
  | 'ERR_OPTION' // an option, or a member of a parameter, that does not exist
  | 'ERR_PARAMS' // names of parameters do not match the model
  | 'ERR_MODEL' // the model cannot be used, or returned something else than a number
  | 'ERR_DATA_CHANGED'; // the arrays of a batch were changed after it had run

/** An argument cannot be used; nothing has been computed. */
export class InputError extends NadirError {
  override readonly name: string = 'InputError';
  /** The argument at fault, as a path: 'sigma', 'params.a.value', 'x.dose'. */
  readonly argument: string;

  constructor(code: InputCode, argument: string, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.argument = argument;
  }
}

/** The user's function threw. What it threw is `cause`. */
export class CallbackError extends NadirError {
  override readonly name: string = 'CallbackError';
  /** All parameters, in order, at the point where it happened. */
  readonly at: Float64Array;

  constructor(message: string, at: Float64Array, cause: unknown) {
    super('ERR_CALLBACK', message, { cause });
    this.at = at;
  }
}

/** Thrown by `orThrow()`, never by a fit itself. */
export class NotConvergedError extends NadirError {
  override readonly name: string = 'NotConvergedError';
  readonly result: unknown;

  constructor(message: string, result: unknown) {
    super('ERR_NOT_CONVERGED', message);
    this.result = result;
  }
}

/** A fault of one argument: "sigma: expected 120 values to match y, got 119". */
export function inputError(code: InputCode, argument: string, fault: string): InputError {
  return new InputError(code, argument, `${argument}: ${fault}`);
}
