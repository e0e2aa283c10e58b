// Parameters replaced by formulas over other parameters. The graph is copied node by node with the
// formula's graph where the parameter stood, so that derivatives go through the formula exactly and
// what formula and model share is computed once.

import { Graph, reachable } from './graph.ts';
import type { Node } from './graph.ts';
import type { OpName } from './ops.ts';
import { parsedModel } from './parsed-model.ts';
import type { ParsedModel } from './parsed-model.ts';

/**
 * The model over the parameters `params`, which may be more than its own.
 * @param formulas by name of the parameter they stand for; they read none of these names themselves
 */
export function substitute(
  model: ParsedModel, params: readonly string[], formulas: ReadonlyMap<string, ParsedModel>,
): ParsedModel {
  const graph = new Graph();
  model.predictors.forEach((_, i) => graph.predictor(i));
  const own = new Map(params.map((name, i) => [name, graph.param(i)]));
  const images = new Map<string, Node>();
  const image = (name: string): Node => {
    const formula = formulas.get(name);
    if (formula === undefined) return own.get(name)!;
    let node = images.get(name);
    if (node === undefined) {
      node = copy(graph, formula, (inner) => own.get(inner)!);
      images.set(name, node);
    }
    return node;
  };
  return parsedModel(copy(graph, model, image), model.predictors, params);
}

function copy(graph: Graph, model: ParsedModel, param: (name: string) => Node): Node {
  const copies = new Map<Node, Node>();
  for (const node of reachable([model.root])) copies.set(node, copyNode(graph, model, node, copies, param));
  return copies.get(model.root)!;
}

function copyNode(
  graph: Graph, model: ParsedModel, node: Node, copies: ReadonlyMap<Node, Node>,
  param: (name: string) => Node,
): Node {
  switch (node.op) {
    case 'constant': return graph.constant(node.value);
    case 'predictor': return graph.predictor(node.value);
    case 'param': return param(model.params[node.value]!);
    default: {
      const [a, b, c] = node.args.map((arg) => copies.get(arg)!);
      return graph.apply(node.op as OpName, a!, b, c);
    }
  }
}
