// The façade of the room: functions and text in, programs out, each made once and remembered.

import { Refusal } from './expression-builder.ts';
import { reachable } from './graph.ts';
import type { ParsedModel } from './parsed-model.ts';
import { readText } from './parse-text.ts';
import { readFunction } from './parse-function.ts';
import type { ModelScope } from './parse-function.ts';

export { compileProgram } from './compile-program.ts';
export { linearParams } from './linear-params.ts';
export { renamed } from './parsed-model.ts';
export type { ParsedModel } from './parsed-model.ts';
export type { ModelScope } from './parse-function.ts';
export { substitute } from './substitute.ts';
export { verifyModel } from './verify.ts';

export type Parse =
  | { readonly ok: true; readonly model: ParsedModel }
  /** `at`: offset of the fault, for text. */
  | { readonly ok: false; readonly reason: string; readonly at?: number };

interface ReadFunction {
  readonly scope: ModelScope | undefined;
  readonly parse: Parse;
}

const functions = new WeakMap<Function, Map<string, ReadFunction>>();
const texts = new Map<string, Parse>();
/** Texts remembered; when there are more, all are forgotten. */
const maxTexts = 1000;

/**
 * Reads `(x, p) => …`.
 * @param predictors null: one predictor, x itself, called 'x'; else names, read as `x.name`; none:
 *   the function takes the parameters alone, `(p) => …`
 * @param params names in order; names '0', '1', … are read as elements `p[0]`, `p[1]`
 * @param scope what the function captures: numbers become constants, functions are read in turn
 */
export function parseFunction(
  fn: Function, predictors: readonly string[] | null, params: readonly string[],
  scope?: ModelScope,
): Parse {
  const key = JSON.stringify([predictors, params]);
  let known = functions.get(fn);
  if (known === undefined) functions.set(fn, known = new Map());
  const entry = known.get(key);
  if (entry !== undefined && sameScope(entry.scope, scope)) return entry.parse;
  const parse = attempt(() => readFunction(fn, predictors, params, scope));
  known.set(key, { scope: scope && { ...scope }, parse });
  return parse;
}

function sameScope(a: ModelScope | undefined, b: ModelScope | undefined): boolean {
  const namesA = Object.keys(a ?? {}), namesB = Object.keys(b ?? {});
  return namesA.length === namesB.length &&
    namesA.every((name) => Object.hasOwn(b!, name) && Object.is(a![name], b![name]));
}

/** Reads text; every name that is not a predictor is a parameter, in order of appearance. */
export function parseText(text: string, predictors: readonly string[] = ['x']): Parse {
  const key = JSON.stringify([predictors, text]);
  let parse = texts.get(key);
  if (parse === undefined) {
    parse = attempt(() => readText(text, predictors), text);
    if (texts.size >= maxTexts) texts.clear();
    texts.set(key, parse);
  }
  return parse;
}

function attempt(read: () => ParsedModel, text?: string): Parse {
  try {
    return { ok: true, model: read() };
  } catch (error) {
    // Reading is recursive where the source is nested: a stack that overflows is a refusal, too.
    if (error instanceof RangeError) return { ok: false, reason: 'it is nested too deeply' };
    if (!(error instanceof Refusal)) throw error;
    if (text === undefined) return { ok: false, reason: error.message };
    return { ok: false, reason: pointAt(text, error), at: error.at };
  }
}

/** Characters shown on either side of a fault. */
const shownAround = 40;

/** The message, the place in the text, and a caret under the fault. */
function pointAt(text: string, { message, at }: Refusal): string {
  const start = Math.max(0, at - shownAround), end = Math.min(text.length, at + shownAround);
  const line = text.slice(start, end).replace(/\s/g, ' ');
  const before = start > 0 ? '…' : '', after = end < text.length ? '…' : '';
  const caret = ' '.repeat(before.length + at - start) + '^';
  return `${message} (position ${at + 1})\n  ${before}${line}${after}\n  ${caret}`;
}

/** Parameters that the value depends on. */
export function usedParams(model: ParsedModel): ReadonlySet<string> {
  return new Set(reachable([model.root]).filter((node) => node.op === 'param')
    .map((node) => model.params[node.value]!));
}
