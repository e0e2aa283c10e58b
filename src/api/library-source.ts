// Ready models as sources.

import { parseText, substitute } from '../model/compile.ts';
import {
  library, maxDegree, polynomial, rectangle, step, stepForms, type StepForm,
} from '../model/library/index.ts';
import type { LibraryModel } from '../model/library/library-model.ts';
import { inputError } from './errors.ts';
import type { ModelSource } from './model-source.ts';
import { describe } from './validate.ts';

const sources = new Map<string, ModelSource>();

/** @throws InputError for an argument out of range; undefined for a name that is not in the library */
export function librarySource(name: string, argument?: unknown): ModelSource | undefined {
  const key = argument === undefined ? name : `${name} ${describe(argument)}`;
  let source = sources.get(key);
  if (source !== undefined) return source;
  const ready = find(name, argument);
  if (ready === undefined) return undefined;
  source = sourceOf(ready, argument as number | string | undefined);
  sources.set(key, source);
  return source;
}

function find(name: string, argument: unknown): LibraryModel | undefined {
  switch (name) {
    case 'polynomial':
      if (!(Number.isInteger(argument) && (argument as number) >= 0 &&
        (argument as number) <= maxDegree))
        throw inputError('ERR_RANGE', 'degree',
          `expected a whole number from 0 to ${maxDegree}, got ${describe(argument)}`);
      return polynomial(argument as number);
    case 'step': return step(readForm(argument));
    case 'rectangle': return rectangle(readForm(argument));
    default: return argument === undefined ? library.get(name) : undefined;
  }
}

function readForm(argument: unknown): StepForm {
  if (!stepForms.includes(argument as StepForm))
    throw inputError('ERR_RANGE', 'form',
      `expected ${stepForms.map((form) => `'${form}'`).join(', ')}, got ${describe(argument)}`);
  return argument as StepForm;
}

function sourceOf(ready: LibraryModel, argument: number | string | undefined): ModelSource {
  const predictors = ready.predictors ?? ['x'];
  const parse = parseText(ready.expression, predictors);
  if (!parse.ok) throw new Error(`${ready.name}: ${parse.reason}`);
  return {
    name: ready.name,
    predictors,
    named: predictors.length > 1,
    paramNames: ready.names,
    fn: null,
    parsed: substitute(parse.model, ready.names, new Map()),
    guess: ready.guess,
    ...(ready.role === undefined ? {} : { role: ready.role }),
    ...(ready.hints === undefined ? {} : { hints: ready.hints }),
    origin: { library: ready.name, ...(argument === undefined ? {} : { argument }) },
  };
}
