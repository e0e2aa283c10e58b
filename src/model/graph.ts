// Expression graphs: immutable nodes, equal nodes shared (hash-consing), so that a subexpression
// that occurs many times is one node and equality of subexpressions is equality of references.
// Nodes are numbered in the order of creation: arguments always come before what uses them.

import type { OpName } from './ops.ts';

/** `product` is coefficient · Π argᵢ^exponentᵢ: between simplifying and scheduling only. */
export type NodeOp = OpName | 'constant' | 'predictor' | 'param' | 'product';

/** What a value depends on: a bit each for predictors and parameters. */
export const constantKind = 0;
export const dataKind = 1;
export const fitKind = 2;
export const pointKind = 3;

export interface Node {
  readonly id: number;
  readonly op: NodeOp;
  readonly args: readonly Node[];
  readonly kind: number;
  /** Constant: its value. Predictor, parameter: its index. Product: its coefficient. Else 0. */
  readonly value: number;
  /** Of a product, integers other than 0 and one for each argument; else empty. */
  readonly exponents: readonly number[];
}

const none: readonly never[] = [];

export class Graph {
  readonly #shared = new Map<string, Node>();
  #count = 0;

  /** Number of nodes made so far. */
  get size(): number {
    return this.#count;
  }

  constant(value: number): Node {
    return this.#node(Object.is(value, -0) ? '-0' : `${value}`, 'constant', none, value, none);
  }
  predictor(index: number): Node {
    return this.#node(`x${index}`, 'predictor', none, index, none);
  }
  param(index: number): Node {
    return this.#node(`p${index}`, 'param', none, index, none);
  }
  apply(op: OpName, a: Node, b?: Node, c?: Node): Node {
    const args = c !== undefined ? [a, b!, c] : b !== undefined ? [a, b] : [a];
    const key = c !== undefined ? `${op} ${a.id} ${b!.id} ${c.id}`
      : b !== undefined ? `${op} ${a.id} ${b.id}` : `${op} ${a.id}`;
    return this.#node(key, op, args, 0, none);
  }
  /** Arguments in ascending order of id, each once. */
  product(coefficient: number, args: readonly Node[], exponents: readonly number[]): Node {
    let key = `* ${coefficient}`;
    for (let i = 0; i < args.length; i++) key += ` ${args[i]!.id}^${exponents[i]}`;
    return this.#node(key, 'product', args, coefficient, exponents);
  }

  #node(
    key: string, op: NodeOp, args: readonly Node[], value: number, exponents: readonly number[],
  ): Node {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    let kind = op === 'predictor' ? dataKind : op === 'param' ? fitKind : constantKind;
    for (const arg of args) kind |= arg.kind;
    const node: Node = { id: this.#count++, op, args, kind, value, exponents };
    this.#shared.set(key, node);
    return node;
  }
}

/** Every node that the roots need, arguments first. Not recursive: depth is no limit. */
export function reachable(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>(roots);
  const stack = [...seen];
  while (stack.length > 0)
    for (const arg of stack.pop()!.args)
      if (!seen.has(arg)) {
        seen.add(arg);
        stack.push(arg);
      }
  return [...seen].sort((a, b) => a.id - b.id);
}

export function isConstant(node: Node, value?: number): boolean {
  return node.op === 'constant' && (value === undefined || node.value === value);
}

const conditions: ReadonlySet<NodeOp> = new Set<NodeOp>([
  'less', 'lessEqual', 'equal', 'notEqual', 'and', 'or', 'not',
]);

/** Whether a node's value is a truth value, 1 or 0. */
export function isCondition(node: Node): boolean {
  return conditions.has(node.op);
}
