// A node seen as a product: coefficient · Π baseᵢ^exponentᵢ.

import type { Node } from './graph.ts';

/** Coefficients are merged while they stay well inside the range of normal numbers. */
const smallestCoefficient = 1e-200;
const largestCoefficient = 1e200;

export interface Factors {
  readonly coefficient: number;
  /** In ascending order of id. */
  readonly bases: readonly Node[];
  readonly exponents: readonly number[];
}

export function isCoefficient(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude >= smallestCoefficient && magnitude <= largestCoefficient;
}

/** The constant factor of a node. */
export function coefficientOf(node: Node): number {
  return node.op === 'product' || node.op === 'constant' ? node.value : 1;
}

/** A node as one base, even where it is a product itself. */
export function asBase(node: Node, exponent: number): Factors {
  return { coefficient: 1, bases: [node], exponents: [exponent] };
}

export function factorsOf(node: Node): Factors {
  if (node.op === 'product')
    return { coefficient: node.value, bases: node.args, exponents: node.exponents };
  if (node.op === 'constant' && isCoefficient(node.value))
    return { coefficient: node.value, bases: [], exponents: [] };
  return asBase(node, 1);
}
