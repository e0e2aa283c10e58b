// Models as functions: the source text of a function, by acorn, to a graph. What the function
// does is followed symbolically; it is never run, and nothing is ever evaluated as code.

import type { Expression } from 'acorn';
import { loadAcorn } from './acorn.ts';
import type { ParseExpressionAt } from './acorn.ts';
import { ExpressionBuilder, Refusal } from './expression-builder.ts';
import type { Node } from './graph.ts';
import { mathFunctions } from './globals.ts';
import { parsedModel } from './parsed-model.ts';
import type { ParsedModel } from './parsed-model.ts';
import { readFunctionBody } from './read-function.ts';
import { isNumber, Reader, Scope } from './values.ts';
import type { FunctionNode, Source, Special, Value } from './values.ts';

/** What a function captures: numbers become constants, functions are read in turn. */
export type ModelScope = Readonly<Record<string, number | ((...args: number[]) => number)>>;

/** Longer sources are not read. */
const maxSourceLength = 100000;

export function readFunction(
  fn: Function, predictors: readonly string[] | null, params: readonly string[],
  scope: ModelScope = {},
): ParsedModel {
  const parse = loadAcorn();
  if (parse === null)
    throw new Refusal('the package acorn, which reads functions, cannot be loaded here', 0);
  const { node, source } = readSource(fn, parse);
  const build = new ExpressionBuilder();
  const reader = new Reader(build, source, readFunctionBody);
  const names = predictors ?? ['x'];
  const x = names.map((_, i) => build.graph.predictor(i));
  const p = params.map((_, i) => build.graph.param(i));
  const args: Value[] = [record('parameters', params, p)];
  if (names.length > 0)
    args.unshift(predictors === null ? x[0]! : record('predictors', names, x));
  const value = readFunctionBody(reader, node, globalScope(reader, scope, parse), args);
  if (isNumber(value)) return parsedModel(value, names, params);
  throw reader.refuse(value.tag === 'nothing' ? `what the function returns ${value.why}`
    : 'the function does not return a number', node);
}

export function record(what: string, names: readonly string[], nodes: readonly Node[]): Special {
  return { tag: 'record', what, entries: new Map(names.map((name, i) => [name, nodes[i]!])) };
}

export function globalScope(reader: Reader, entries: ModelScope, parse: ParseExpressionAt): Scope {
  const scope = new Scope(null, true);
  for (const [name, entry] of Object.entries(entries)) {
    if (typeof entry === 'number') scope.declare(name, reader.build.constant(entry), true);
    else if (typeof entry === 'function') {
      const builtin = Object.getOwnPropertyNames(Math).find(
        (key) => (Math as unknown as Record<string, unknown>)[key] === entry);
      if (builtin !== undefined && mathFunctions.has(builtin)) {
        scope.declare(name, { tag: 'builtin', name: builtin }, true);
        continue;
      }
      try {
        const { node, source } = readSource(entry, parse);
        scope.declare(name, { tag: 'function', fn: node, scope, source }, true);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw new Refusal(`\`${name}\` of scope cannot be read: ${error.message}`, 0);
      }
    } else throw new Refusal(`\`${name}\` of scope is neither a number nor a function`, 0);
  }
  return scope;
}

/** The syntax tree of a function. */
export function readSource(
  fn: Function, parse: ParseExpressionAt,
): { node: FunctionNode; source: Source } {
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text))
    throw new Refusal('it is native code or a bound function, which has no source to read', 0);
  if (text.length > maxSourceLength)
    throw new Refusal(`its source is longer than ${maxSourceLength} characters`, 0);
  if (/^class\b/.test(text)) throw new Refusal('it is a class', 0);
  let fault = '';
  const tryParse = (before: string, after: string): Expression | null => {
    try {
      return parse(before + text + after, 0, { ecmaVersion: 'latest' });
    } catch (error) {
      fault ||= String((error as Error).message).replace(/ \(\d+:\d+\)$/, '');
      return null;
    }
  };
  const plain = tryParse('(', ')');
  if (plain !== null && isFunction(plain)) return { node: plain, source: { text, offset: 1 } };
  // A method is a function inside an object only.
  const object = tryParse('({', '})');
  if (object?.type === 'ObjectExpression') {
    const [property] = object.properties;
    if (property?.type === 'Property' && isFunction(property.value)) {
      if (property.kind !== 'init') throw new Refusal('it is a getter or setter', 0);
      return { node: property.value, source: { text, offset: 2 } };
    }
  }
  throw new Refusal(`its source cannot be read as a function${fault && `: ${fault}`}`, 0);
}

function isFunction(node: Expression): node is FunctionNode & Expression {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
}
