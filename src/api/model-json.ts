// Models as plain data and back: how a model was made, where that is known, so that its guess
// survives; and always its expression, its predictors and its parameters in order.

import { parseText, substitute } from '../model/compile.ts';
import { combineSources, prefixSource } from './compose-model.ts';
import { inputError } from './errors.ts';
import { librarySource } from './library-source.ts';
import type { ModelSource } from './model-source.ts';
import { describe, isRecord } from './validate.ts';

const format = 'nadir-model';
const version = 1;

/** @throws InputError for text with a fault */
export function textSource(text: string, predictors: readonly string[]): ModelSource {
  const parse = parseText(text, predictors);
  if (!parse.ok) throw inputError('ERR_MODEL', 'source', parse.reason);
  if (parse.model.params.includes('__proto__'))
    throw inputError('ERR_MODEL', 'source', '`__proto__` cannot be the name of a parameter');
  return {
    name: text,
    predictors,
    named: predictors.length > 1,
    paramNames: parse.model.params,
    fn: null,
    parsed: parse.model,
    origin: { expression: text },
  };
}

/** @throws InputError for a model that runs as a callback */
export function writeSource(source: ModelSource): unknown {
  const { name, parsed, predictors, paramNames, origin, reason } = source;
  if (parsed === null)
    throw inputError('ERR_MODEL', 'model',
      `${name} runs as a callback and cannot be written as JSON: ${reason ?? 'unknown reason'}`);
  return {
    format, version, name,
    predictors: [...predictors],
    params: [...paramNames],
    expression: parsed.expression,
    ...(origin === undefined ? {} : { origin }),
  };
}

const fault = (path: string, expected: string, value: unknown): Error =>
  inputError('ERR_MODEL', path, `expected ${expected}, got ${describe(value)}`);

function readTexts(value: unknown, path: string): string[] {
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string' && name !== ''))
    throw fault(path, 'an array of names', value);
  return value;
}

/** @throws InputError where it is not what `writeSource` gave */
export function readSource(given: unknown): ModelSource {
  let json = given;
  if (typeof given === 'string')
    try {
      json = JSON.parse(given);
    } catch {
      throw fault('json', 'what toJSON() of a model gave', given);
    }
  if (!isRecord(json) || json['format'] !== format)
    throw fault('json', 'what toJSON() of a model gave', json);
  if (json['version'] !== version) throw fault('json.version', `${version}`, json['version']);
  const { name, expression } = json;
  if (typeof name !== 'string') throw fault('json.name', 'text', name);
  if (typeof expression !== 'string') throw fault('json.expression', 'text', expression);
  const predictors = readTexts(json['predictors'], 'json.predictors');
  const params = readTexts(json['params'], 'json.params');
  const written = textSource(expression, predictors);
  const hasAll = written.paramNames.every((param) => params.includes(param));
  if (new Set(params).size < params.length || !hasAll || params.includes('__proto__'))
    throw fault('json.params', `each of ${written.paramNames.join(', ')} once`, params);
  const known = json['origin'] === undefined ? undefined : rebuild(json['origin'], predictors, 0);
  // Where this version makes something else of it, what the expression says counts.
  if (known?.parsed !== undefined && known.parsed?.expression === expression &&
      known.paramNames.join('\n') === params.join('\n')) return { ...known, name };
  return {
    ...written, name, paramNames: params,
    parsed: substitute(written.parsed!, params, new Map()),
  };
}

/** Models within each other. */
const maxDepth = 100;

/** undefined where this version does not know how. */
function rebuild(
  given: unknown, predictors: readonly string[], depth: number,
): ModelSource | undefined {
  if (!isRecord(given) || depth > maxDepth) return undefined;
  const origin = given as unknown as Partial<Record<string, unknown>>;
  if (typeof origin['library'] === 'string')
    return librarySource(origin['library'], origin['argument']);
  if (typeof origin['expression'] === 'string')
    return textSource(origin['expression'], predictors);
  if (typeof origin['prefix'] === 'string') {
    const inner = rebuild(origin['of'], predictors, depth + 1);
    return inner && prefixSource(inner, origin['prefix']);
  }
  const operation = origin['operation'];
  if ((operation !== 'plus' && operation !== 'times') || !Array.isArray(origin['of']))
    return undefined;
  const [left, right] = origin['of'].map((part) => rebuild(part, predictors, depth + 1));
  return left && right && combineSources(operation, left, right);
}
