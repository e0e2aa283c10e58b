// Functions of residuals: `(x) => [ … ]`, or `(x, out) => { out[0] = …; }`. Each residual becomes a
// model of its own without predictors, whose parameters are the elements of x that it contains.

import { loadAcorn } from './acorn.ts';
import { ExpressionBuilder, Refusal } from './expression-builder.ts';
import type { Node } from './graph.ts';
import { reachable } from './graph.ts';
import { globalScope, readSource, record } from './parse-function.ts';
import { parsedModel } from './parsed-model.ts';
import type { ParsedModel } from './parsed-model.ts';
import { readFunctionBody } from './read-function.ts';
import { isNumber, Reader } from './values.ts';
import type { Value, Variable } from './values.ts';

/** One residual, and the indices of the variables that it contains, ascending. */
export interface ParsedResidual {
  readonly model: ParsedModel;
  readonly variables: readonly number[];
}

export type ResidualsParse =
  | { readonly ok: true; readonly residuals: readonly ParsedResidual[] }
  | { readonly ok: false; readonly reason: string };

/** With more, reading and compiling would take longer than most fits. */
const maxResiduals = 1000;
/** Nodes of all residuals together, for the same reason. */
const maxNodes = 20000;

/**
 * Reads a function of residuals.
 * @param n number of variables
 * @param count number of residuals that it writes into its second argument; null where it returns
 *   them
 */
export function parseResiduals(fn: Function, n: number, count: number | null): ResidualsParse {
  try {
    return { ok: true, residuals: readResiduals(fn, n, count) };
  } catch (error) {
    // Reading is recursive where the source is nested: a stack that overflows is a refusal, too.
    if (error instanceof RangeError) return { ok: false, reason: 'it is nested too deeply' };
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, reason: error.message };
  }
}

function readResiduals(fn: Function, n: number, count: number | null): ParsedResidual[] {
  const parse = loadAcorn();
  if (parse === null)
    throw new Refusal('the package acorn, which reads functions, cannot be loaded here', 0);
  if (count !== null && count > maxResiduals)
    throw new Refusal(`more than ${maxResiduals} residuals are not compiled`, 0);
  const { node, source } = readSource(fn, parse);
  const build = new ExpressionBuilder();
  const reader = new Reader(build, source, readFunctionBody);
  const names = Array.from({ length: n }, (_, k) => String(k));
  const args: Value[] = [record('variables', names, names.map((_, k) => build.graph.param(k)))];
  const output: Variable[] = Array.from({ length: count ?? 0 }, (_, i) => (
    { value: { tag: 'nothing', why: `is not set: residual ${i}` }, constant: false }));
  if (count !== null) args.push({ tag: 'output', items: output });
  const returned = readFunctionBody(reader, node, globalScope(reader, {}, parse), args);
  const values = count === null ? itemsOf(returned) : output.map(({ value }) => value);
  if (values === null) throw reader.refuse('the function does not return an array', node);
  if (values.length > maxResiduals)
    throw new Refusal(`more than ${maxResiduals} residuals are not compiled`, 0);
  const roots = values.map((value, i) => {
    if (isNumber(value)) return value;
    throw reader.refuse(`residual ${i} is not a number on every path`, node);
  });
  let nodes = 0;
  return roots.map((root) => {
    const residual = residualOf(root, names);
    nodes += residual.model.nodes;
    if (nodes > maxNodes) throw new Refusal('the expressions are too long to be compiled', 0);
    return residual;
  });
}

function itemsOf(value: Value): readonly Value[] | null {
  return !isNumber(value) && value.tag === 'array' ? value.items : null;
}

function residualOf(root: Node, names: readonly string[]): ParsedResidual {
  const variables = reachable([root]).filter((node) => node.op === 'param')
    .map((node) => node.value).sort((a, b) => a - b);
  return { model: parsedModel(root, [], names), variables };
}
