// Builds graphs in a normal form in which equal subexpressions meet and cheap forms are visible:
// products and quotients are one node, coefficient · Π baseᵢ^nᵢ; sums have no negative terms
// (add and sub); signs and constant factors move into products, where they merge with parameters.
//
// What may change is rounding by a few ulp, never the domain: nothing is cancelled unless
// `cancel` allows it (in derivatives, where the limit is what is wanted), squares of quotients
// are not multiplied out, and sums keep the order in which they were written.

import { foldConstants } from './constant.ts';
import { factorSum } from './factor-sum.ts';
import { asBase, coefficientOf, factorsOf, isCoefficient } from './factors.ts';
import type { Factors } from './factors.ts';
import { Graph, isConstant, pointKind } from './graph.ts';
import type { Node } from './graph.ts';
import type { OpName } from './ops.ts';

/** Exponents up to this magnitude become multiplications. */
export const maxIntegerPower = 16;
/** Powers of powers are not merged beyond this exponent. */
const maxExponent = 64;
/** Longer products stay nested, so that work grows linearly with the length of a model. */
const maxBases = 64;

const unit: Factors = { coefficient: 1, bases: [], exponents: [] };

function integerPower(base: number, n: number): number {
  let result = 1;
  for (let i = 0; i < Math.abs(n); i++) result *= base;
  return n < 0 ? 1 / result : result;
}

export class Builder {
  readonly graph: Graph = new Graph();
  /** Whether x · x⁻¹ may become 1. */
  cancel = false;
  readonly zero: Node = this.graph.constant(0);
  readonly one: Node = this.graph.constant(1);
  readonly #powered = new Set<Node>();

  constant(value: number): Node {
    return this.graph.constant(value);
  }

  /** Whether some power of this node other than the first has been asked for. */
  isPowered(node: Node): boolean {
    return this.#powered.has(node);
  }

  /** Any operation, in normal form. */
  build(op: OpName, a: Node, b: Node = this.zero, c: Node = this.zero): Node {
    switch (op) {
      case 'add': return this.add(a, b);
      case 'sub': return this.sub(a, b);
      case 'mul': return this.mul(a, b);
      case 'div': return this.div(a, b);
      case 'neg': return this.neg(a);
      case 'mulAdd': return this.add(this.mul(a, b), c);
      case 'mulSub': return this.sub(this.mul(a, b), c);
      case 'negMulAdd': return this.sub(c, this.mul(a, b));
      case 'pow': return this.pow(a, b);
      case 'select': return this.select(a, b, c);
      case 'and': case 'or': return this.#logical(op, a, b);
      case 'minimum': case 'maximum': return a === b ? a : this.apply(op, a, b);
      case 'less': case 'lessEqual': case 'equal': case 'notEqual': case 'remainder':
      case 'atan2': case 'hypot': case 'faddeevaReal': case 'faddeevaImaginary':
        return this.apply(op, a, b);
      default: return this.apply(op, a);
    }
  }

  /** The operation itself, folded when its operands are constants. */
  apply(op: OpName, a: Node, b?: Node, c?: Node): Node {
    if (a.op === 'constant' && (b === undefined || b.op === 'constant') &&
        (c === undefined || c.op === 'constant'))
      return this.constant(foldConstants(op, a.value, b?.value ?? 0, c?.value ?? 0));
    return this.graph.apply(op, a, b, c);
  }

  // -------------------------------------------------------------------------------- sums

  add(a: Node, b: Node): Node {
    if (isConstant(a, 0)) return b;
    if (isConstant(b, 0)) return a;
    if (a.op === 'constant' && b.op === 'constant') return this.constant(a.value + b.value);
    // Constants come first, other terms in the order of what they multiply.
    const restA = this.#rest(a), restB = this.#rest(b);
    if (restA === restB) return this.scale(restA, coefficientOf(a) + coefficientOf(b));
    const swap = b.op === 'constant' || (a.op !== 'constant' && restB.id < restA.id);
    const first = swap ? b : a, second = swap ? a : b;
    if (coefficientOf(first) < 0) return this.neg(this.add(this.neg(first), this.neg(second)));
    if ((a.kind | b.kind) === pointKind) {
      const factored = factorSum(this, first, second);
      if (factored !== null) return factored;
    }
    return coefficientOf(second) < 0
      ? this.graph.apply('sub', first, this.neg(second))
      : this.graph.apply('add', first, second);
  }

  sub(a: Node, b: Node): Node {
    return this.add(a, this.neg(b));
  }

  neg(a: Node): Node {
    return this.scale(a, -1);
  }

  /** The node without its coefficient. */
  #rest(node: Node): Node {
    return node.op === 'product' && node.value !== 1
      ? this.product(1, node.args, node.exponents) : node;
  }

  // ---------------------------------------------------------------------------- products

  scale(a: Node, factor: number): Node {
    if (a.op === 'constant') return this.constant(a.value * factor);
    return factor === 1 ? a : this.mul(a, this.constant(factor));
  }

  mul(a: Node, b: Node): Node {
    if (isConstant(a, 0) || isConstant(b, 0)) return this.zero;
    if (a === b) return this.power(a, 2);
    const left = factorsOf(a), right = factorsOf(b);
    // A product that the other operand holds as a whole stays whole.
    if (right.bases.includes(a)) return this.#merge(asBase(a, 1), right);
    if (left.bases.includes(b)) return this.#merge(left, asBase(b, 1));
    if (left.bases.length + right.bases.length > maxBases)
      return this.product(1, a.id < b.id ? [a, b] : [b, a], [1, 1]);
    return this.#merge(left, right);
  }

  div(a: Node, b: Node): Node {
    return this.mul(a, this.power(b, -1));
  }

  /** a^n for an integer n other than 0. */
  power(a: Node, n: number): Node {
    if (n === 1) return a;
    if (a.op === 'constant') {
      return this.constant(integerPower(a.value, n));
    }
    if (a.op !== 'product') {
      this.#powered.add(a);
      return this.product(1, [a], [n]);
    }
    const scaled = integerPower(a.value, n);
    const split = isCoefficient(scaled);
    const outside = split ? scaled : 1;
    const core = split ? this.#rest(a) : a;
    if (core.op !== 'product') return this.scale(this.power(core, n), outside);
    if (core.args.length === 1 && core.value === 1) {
      const exponent = core.exponents[0]! * n;
      if (Math.abs(exponent) <= maxExponent) return this.product(outside, core.args, [exponent]);
    }
    if (n === -1 && core.value === 1) return this.scale(this.#reciprocal(core), outside);
    this.#powered.add(core);
    return this.product(outside, [core], [n]);
  }

  /** A product from its parts; bases ascending. */
  product(coefficient: number, bases: readonly Node[], exponents: readonly number[]): Node {
    if (bases.length === 0) return this.constant(coefficient);
    if (bases.length === 1 && exponents[0] === 1 && coefficient === 1) return bases[0]!;
    return this.graph.product(coefficient, bases, exponents);
  }

  /** The product of a node, kept whole, with others. */
  times(whole: Node, others: Node): Node {
    return whole.op === 'product'
      ? this.#merge(asBase(whole, 1), factorsOf(others))
      : this.mul(whole, others);
  }

  /** 1 / product: what varies from point to point in the denominator stays one base. */
  #reciprocal(core: Node): Node {
    const inside: Node[] = [], powers: number[] = [];
    let outside: Factors = unit;
    core.args.forEach((base, i) => {
      const n = core.exponents[i]!;
      if (base.kind === pointKind && n > 0) {
        inside.push(base);
        powers.push(n);
      } else outside = this.#mergeFactors(outside, asBase(base, -n));
    });
    if (inside.length === 1)
      outside = this.#mergeFactors(outside, asBase(inside[0], -powers[0]));
    else if (inside.length > 1)
      outside = this.#mergeFactors(outside, asBase(this.product(1, inside, powers), -1));
    return this.product(outside.coefficient, outside.bases, outside.exponents);
  }

  #merge(left: Factors, right: Factors): Node {
    const { coefficient, bases, exponents } = this.#mergeFactors(left, right);
    return this.product(coefficient, bases, exponents);
  }

  #mergeFactors(left: Factors, right: Factors): Factors {
    const bases: Node[] = [], exponents: number[] = [];
    let coefficient = left.coefficient * right.coefficient;
    let kept: number | null = null;
    if (!isCoefficient(coefficient)) {
      coefficient = left.coefficient;
      kept = right.coefficient;
    }
    const apart: Node[] = [];
    for (let i = 0, j = 0; i < left.bases.length || j < right.bases.length;) {
      const a = left.bases[i], b = right.bases[j];
      if (b === undefined || (a !== undefined && a.id < b.id)) {
        bases.push(a!);
        exponents.push(left.exponents[i++]!);
      } else if (a === undefined || b.id < a.id) {
        bases.push(b);
        exponents.push(right.exponents[j++]!);
      } else {
        const n = left.exponents[i++]!, m = right.exponents[j++]!;
        if (n * m < 0 && !this.cancel) {
          bases.push(a);
          exponents.push(Math.max(n, m));
          // A quotient that must not cancel is hidden from later merging.
          apart.push(this.graph.apply('div', this.one, this.power(a, -Math.min(n, m))));
        } else if (n + m !== 0) {
          bases.push(a);
          exponents.push(n + m);
          this.#powered.add(a);
        }
      }
    }
    let result: Factors = { coefficient, bases, exponents };
    for (const node of apart)
      result = this.#mergeFactors(result, asBase(node, 1));
    if (kept !== null) result = this.#mergeFactors(result, asBase(this.constant(kept), 1));
    return result;
  }

  // ------------------------------------------------------------------ powers, conditions

  pow(a: Node, b: Node): Node {
    if (b.op === 'constant') {
      const n = b.value;
      if (n === 0) return this.one;
      if (a.op !== 'constant') {
        if (Number.isInteger(n) && Math.abs(n) <= maxIntegerPower) return this.power(a, n);
        if (Math.abs(n) === 0.5) return this.power(this.apply('sqrt', a), 2 * n);
        if (Math.abs(n) === 1.5 || Math.abs(n) === 2.5) {
          // u^(k + ½) = u^k · √u: two roundings against the price of a general power.
          const k = Math.trunc(Math.abs(n));
          const root = this.times(this.power(a, k), this.apply('sqrt', a));
          return n > 0 ? root : this.power(root, -1);
        }
      }
    }
    // Powers of 2 have a function of their own, and a better one.
    return isConstant(a, 2) ? this.apply('exp2', b) : this.apply('pow', a, b);
  }

  select(condition: Node, a: Node, b: Node): Node {
    if (condition.op === 'constant') return condition.value !== 0 ? a : b;
    if (a === b) return a;
    if (condition.op === 'not') return this.select(condition.args[0]!, b, a);
    return this.graph.apply('select', condition, a, b);
  }

  #logical(op: 'and' | 'or', a: Node, b: Node): Node {
    // A constant operand decides or is neutral; operands are conditions, so 1 or 0.
    const neutral = op === 'and' ? 1 : 0;
    if (a.op === 'constant') return a.value === neutral ? b : a;
    if (b.op === 'constant') return b.value === neutral ? a : b;
    return a === b ? a : this.graph.apply(op, a, b);
  }
}
