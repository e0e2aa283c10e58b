// A model as parsing leaves it: names, and the graph of its value as the user wrote it.

import type { Node } from './graph.ts';
import { reachable } from './graph.ts';
import { printExpression } from './print.ts';
import { isPlainName } from './tokens.ts';
import { hasMeaning } from './words.ts';

export interface ParsedModel {
  readonly predictors: readonly string[];
  readonly params: readonly string[];
  /** The model in the language of text models. */
  readonly expression: string;
  /** Operations and operands, shared ones once. */
  readonly nodes: number;
  readonly root: Node;
}

export function parsedModel(
  root: Node, predictors: readonly string[], params: readonly string[],
): ParsedModel {
  return {
    predictors, params, root,
    expression: printExpression(root, predictors, params, printName),
    nodes: reachable([root]).length,
  };
}

/** The same model with other names for its parameters. */
export function renamed(model: ParsedModel, params: readonly string[]): ParsedModel {
  return parsedModel(model.root, model.predictors, params);
}

/** Names that mean something else in text, and those with odd characters, go in backquotes. */
function printName(name: string): string {
  return isPlainName(name) && !hasMeaning(name) ? name : `\`${name}\``;
}
