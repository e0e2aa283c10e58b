// From the graph that a parser leaves to normal form.

import type { Builder } from './builder.ts';
import { reachable } from './graph.ts';
import type { Node, NodeOp } from './graph.ts';
import type { OpName } from './ops.ts';

/** Operations that jump: their operands keep the rounding that the user's expression has. */
const jumps: ReadonlySet<NodeOp> = new Set<NodeOp>([
  'floor', 'ceil', 'trunc', 'round', 'sign', 'remainder', 'less', 'lessEqual', 'equal', 'notEqual',
]);

/**
 * The graph of a parser in normal form, node by node. What a jump depends on is taken over as it
 * is: ⌊49/49⌋ is 1, where ⌊49·(1/49)⌋ would be 0.
 */
export function simplify(builder: Builder, nodes: readonly Node[]): Map<Node, Node> {
  const exact = new Set(reachable(nodes.filter((node) => jumps.has(node.op))));
  const images = new Map<Node, Node>(), exactImages = new Map<Node, Node>();
  for (const node of nodes) {
    if (exact.has(node)) {
      const [a, b, c] = node.args.map((arg) => exactImages.get(arg)!);
      exactImages.set(node, leaf(builder, node) ?? builder.apply(node.op as OpName, a!, b, c));
    }
    const [a, b, c] = node.args.map((arg) => images.get(arg)!);
    images.set(node, jumps.has(node.op) ? exactImages.get(node)!
      : leaf(builder, node) ?? builder.build(node.op as OpName, a!, b, c));
  }
  return images;
}

function leaf(builder: Builder, node: Node): Node | null {
  switch (node.op) {
    case 'constant': return builder.constant(node.value);
    case 'predictor': return builder.graph.predictor(node.value);
    case 'param': return builder.graph.param(node.value);
    default: return null;
  }
}
