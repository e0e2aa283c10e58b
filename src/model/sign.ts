// What can be told of the sign of a value without knowing parameters or data. "No" means "not
// known". NaN is not excluded.

import type { Node } from './graph.ts';

/** Whether a value is greater than 0 wherever it is a number. */
export function isPositive(node: Node): boolean {
  switch (node.op) {
    case 'constant': return node.value > 0;
    case 'cosh': return true;
    case 'add': {
      const [a, b] = node.args as [Node, Node];
      return (isPositive(a) && isNonNegative(b)) || (isPositive(b) && isNonNegative(a));
    }
    case 'sqrt': return isPositive(node.args[0]);
    default: return false;
  }
}

/** Whether a value is never less than 0. */
export function isNonNegative(node: Node): boolean {
  switch (node.op) {
    case 'exp': case 'exp2': case 'abs': case 'sqrt': case 'hypot': return true;
    case 'product': return node.value > 0 &&
      node.args.every((base, i) => node.exponents[i] % 2 === 0 || isNonNegative(base));
    case 'add': return isNonNegative(node.args[0]) && isNonNegative(node.args[1]);
    default: return isPositive(node);
  }
}
