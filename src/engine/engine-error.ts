// The error that the engines themselves raise, and the base that it shares with the errors of the
// API. They are here because the engines stand below the API.

/** Base of all errors that nadir throws. */
export class NadirError extends Error {
  /** Stable name of the fault, for programs: 'ERR_SHAPE', 'ERR_OPTION', … */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    // Not enumerable, as the names of the built-in errors are not.
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true,
      writable: true });
  }
}

/** An engine that was asked for by name is missing, or its environment variables make no sense. */
export class EngineError extends NadirError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('ERR_ENGINE', message, options);
  }
}
