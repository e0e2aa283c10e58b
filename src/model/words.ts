// The words of text models that are not free names.

import { functionNames } from './expression-builder.ts';

export const constants: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI };

/** Other names of functions. */
export const aliases: Readonly<Record<string, string>> = {
  ln: 'log', minimum: 'min', maximum: 'max', arcsin: 'asin', arccos: 'acos', arctan: 'atan',
};

export const knownFunctions: ReadonlySet<string> =
  new Set([...functionNames, ...Object.keys(aliases), 'remainder', 'if']);

/** Words that would be surprising as parameters, with a hint. */
export const reserved: ReadonlyMap<string, string> = new Map([
  ['PI', ': write `pi` for the constant'],
  ['Math', ': write `exp(x)` for `Math.exp(x)`'],
  ['Infinity', ''], ['NaN', ''], ['true', ''], ['false', ''],
]);

/** Whether a name needs backquotes to be just a name. */
export function hasMeaning(word: string): boolean {
  return word === 'e' || Object.hasOwn(constants, word) || knownFunctions.has(word) ||
    reserved.has(word);
}
