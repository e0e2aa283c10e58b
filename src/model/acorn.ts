// The JavaScript parser, loaded when the first function is compiled: it costs about 10 ms, which
// programs that only import the package should not pay. Where Node's loader is not available a
// parser must have been registered (see register-acorn.ts).

import type { Expression, Options } from 'acorn';

export type ParseExpressionAt = (input: string, at: number, options: Options) => Expression;

interface Host {
  readonly process?: {
    getBuiltinModule?(name: 'module'): { createRequire(url: string): (name: string) => unknown };
  };
}

let parser: ParseExpressionAt | null = null;

export function registerAcorn(parse: ParseExpressionAt): void {
  parser = parse;
}

/** The parser, or null where it cannot be loaded. */
export function loadAcorn(): ParseExpressionAt | null {
  if (parser !== null) return parser;
  const builtin = (globalThis as Host).process?.getBuiltinModule?.('module');
  if (builtin === undefined) return null;
  try {
    const acorn = builtin.createRequire(import.meta.url)('acorn') as {
      parseExpressionAt: ParseExpressionAt;
    };
    return parser = acorn.parseExpressionAt;
  } catch {
    return null;
  }
}
