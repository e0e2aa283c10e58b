// A model with its tied parameters written into it. The result is over all parameters of the fit,
// those that only ties use included; the tied ones it no longer reads.

import { substitute, type ParsedModel } from '../model/compile.ts';
import type { ModelSource } from './model-source.ts';
import type { ParamSet } from './params.ts';

const made = new WeakMap<ParsedModel, Map<string, ParsedModel>>();

export function tiedSource(own: ModelSource, { names, ties }: ParamSet): ModelSource {
  const { parsed } = own;
  if (parsed === null) return { ...own, paramNames: names };
  let known = made.get(parsed);
  if (known === undefined) made.set(parsed, (known = new Map()));
  // Programs are kept by expression, so the same ties must give the same one.
  const key = JSON.stringify([names, ties.map(({ index, source }) => [index, source])]);
  let tied = known.get(key);
  if (tied === undefined) {
    const formulas = new Map(ties.map((tie) => [names[tie.index], tie.parsed]));
    known.set(key, (tied = substitute(parsed, names, formulas)));
  }
  return { ...own, paramNames: names, parsed: tied };
}
