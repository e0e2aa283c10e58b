// What both parsers build with: operations as the user wrote them, constants folded, conditions
// as JavaScript understands them, and the functions that can be called by name.

import { foldConstants } from './constant.ts';
import { Graph, isCondition } from './graph.ts';
import type { Node } from './graph.ts';
import type { OpName } from './ops.ts';

/** A model may have so many nodes; loops are unrolled, so this bounds them too. */
export const maxNodes = 10000;

/** Why a model is not accepted; `at` is an offset in its source. */
export class Refusal extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Functions of one argument by their name in text and in Math. */
const unary: ReadonlySet<string> = new Set<OpName>([
  'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'round', 'sign', 'exp', 'expm1', 'exp2', 'log', 'log1p',
  'log2', 'log10', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh',
  'acosh', 'atanh', 'cbrt', 'erf', 'erfc',
]);
const binary: ReadonlySet<string> = new Set<OpName>([
  'pow', 'atan2', 'faddeevaReal', 'faddeevaImaginary',
]);
/** Functions of any number of arguments: operation and value without arguments. */
const variadic: Readonly<Record<string, readonly [OpName, number]>> = {
  min: ['minimum', Infinity],
  max: ['maximum', -Infinity],
  hypot: ['hypot', 0],
};

export const functionNames: readonly string[] = [...unary, ...binary, ...Object.keys(variadic)];

export class ExpressionBuilder {
  readonly graph: Graph = new Graph();

  constant(value: number): Node {
    return this.graph.constant(value);
  }

  apply(op: OpName, a: Node, b?: Node, c?: Node): Node {
    if (a.op === 'constant' && (b === undefined || b.op === 'constant') &&
        (c === undefined || c.op === 'constant'))
      return this.constant(foldConstants(op, a.value, b?.value ?? 0, c?.value ?? 0));
    if (this.graph.size > maxNodes)
      throw new Refusal(`it has more than ${maxNodes} operations`, 0);
    return this.graph.apply(op, a, b, c);
  }

  /** Whether a value counts as true: NaN and 0 do not. */
  condition(value: Node): Node {
    if (isCondition(value)) return value;
    if (value.op === 'constant')
      return this.constant(value.value !== 0 && !Number.isNaN(value.value) ? 1 : 0);
    const zero = this.constant(0);
    return this.apply('or', this.apply('less', value, zero), this.apply('less', zero, value));
  }

  not(value: Node): Node {
    const condition = this.condition(value);
    return condition.op === 'not' ? condition.args[0]! : this.apply('not', condition);
  }

  /** condition ? a : b */
  select(condition: Node, a: Node, b: Node): Node {
    const test = this.condition(condition);
    if (test.op === 'constant') return test.value !== 0 ? a : b;
    if (a === b) return a;
    // Truth values that the branches merely repeat.
    if ((isCondition(a) || isTruth(a)) && (isCondition(b) || isTruth(b))) {
      if (isTruth(a)) return a.value === 1 ? this.logical('or', test, b)
        : this.logical('and', this.not(test), b);
      if (isTruth(b)) return b.value === 1 ? this.logical('or', this.not(test), a)
        : this.logical('and', test, a);
    }
    return this.apply('select', test, a, b);
  }

  logical(op: 'and' | 'or', a: Node, b: Node): Node {
    const left = this.condition(a), right = this.condition(b);
    const neutral = op === 'and' ? 1 : 0;
    if (left.op === 'constant') return left.value === neutral ? right : left;
    if (right.op === 'constant') return right.value === neutral ? left : right;
    return left === right ? left : this.apply(op, left, right);
  }

  compare(operator: string, a: Node, b: Node): Node {
    switch (operator) {
      case '<': return this.apply('less', a, b);
      case '<=': return this.apply('lessEqual', a, b);
      case '>': return this.apply('less', b, a);
      case '>=': return this.apply('lessEqual', b, a);
      case '==': case '===': return this.apply('equal', a, b);
      default: return this.apply('notEqual', a, b);
    }
  }

  arithmetic(operator: string, a: Node, b: Node): Node | null {
    const op = arithmeticOps[operator];
    return op === undefined ? null : this.apply(op, a, b);
  }

  /** The value of a function of the table, or what is wrong with the call. */
  call(name: string, args: readonly Node[]): Node | string {
    if (unary.has(name))
      return args.length === 1 ? this.apply(name as OpName, args[0]!) : wrongCount(name, 1, args);
    if (binary.has(name))
      return args.length === 2 ? this.apply(name as OpName, args[0]!, args[1]!)
        : wrongCount(name, 2, args);
    const row = Object.hasOwn(variadic, name) ? variadic[name] : undefined;
    if (row === undefined) return `\`${name}\` is not a function that nadir knows`;
    const [op, empty] = row;
    if (args.length === 0) return this.constant(empty);
    if (args.length === 1) return name === 'hypot' ? this.apply('abs', args[0]!) : args[0]!;
    return args.slice(1).reduce((sum, arg) => this.apply(op, sum, arg), args[0]!);
  }
}

const arithmeticOps: Readonly<Record<string, OpName>> = {
  '+': 'add', '-': 'sub', '*': 'mul', '/': 'div', '%': 'remainder', '**': 'pow', '^': 'pow',
};

function isTruth(node: Node): boolean {
  return node.op === 'constant' && (node.value === 1 || node.value === 0);
}

function wrongCount(name: string, wanted: number, args: readonly Node[]): string {
  return `\`${name}\` takes ${wanted} argument${wanted === 1 ? '' : 's'}, got ${args.length}`;
}
