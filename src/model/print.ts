// Expressions and programs as text. An expression is printed in the language of text models, so
// that reading it again gives the same model.

import type { Node, NodeOp } from './graph.ts';
import { reachable } from './graph.ts';
import { ops } from './ops.ts';
import { fileOf, instructionWords, slotOf } from './program.ts';
import type { Program } from './program.ts';

/** Longer expressions are not printed: sharing makes small graphs long when written out. */
const maxPrinted = 100000;

/** Binding strength of what has been printed; higher binds tighter. */
const strength = { ternary: 1, or: 2, and: 3, equality: 4, order: 5, sum: 6, product: 7, sign: 8,
  power: 9, atom: 10 } as const;

const infix: Partial<Record<NodeOp, readonly [string, number]>> = {
  add: [' + ', strength.sum],
  sub: [' - ', strength.sum],
  mul: ['*', strength.product],
  div: ['/', strength.product],
  remainder: [' % ', strength.product],
  less: [' < ', strength.order],
  lessEqual: [' <= ', strength.order],
  equal: [' == ', strength.equality],
  notEqual: [' != ', strength.equality],
  and: [' && ', strength.and],
  or: [' || ', strength.or],
};
const printedName: Partial<Record<NodeOp, string>> = { minimum: 'min', maximum: 'max' };

interface Printed {
  readonly text: string;
  readonly binds: number;
}

/** The expression in the names of its predictors and parameters. */
export function printExpression(
  root: Node, predictors: readonly string[], params: readonly string[],
  nameOf: (name: string) => string,
): string {
  const texts = new Map<Node, Printed>();
  for (const node of reachable([root])) {
    const printed = print(node, texts, predictors, params, nameOf);
    if (printed.text.length > maxPrinted) return `(longer than ${maxPrinted} characters)`;
    texts.set(node, printed);
  }
  return texts.get(root)!.text;
}

function print(
  node: Node, texts: ReadonlyMap<Node, Printed>, predictors: readonly string[],
  params: readonly string[], nameOf: (name: string) => string,
): Printed {
  const arg = (k: number, least: number): string => {
    const { text, binds } = texts.get(node.args[k]!)!;
    return binds < least ? `(${text})` : text;
  };
  switch (node.op) {
    case 'constant': return printNumber(node.value);
    case 'predictor': return { text: nameOf(predictors[node.value]!), binds: strength.atom };
    case 'param': return { text: nameOf(params[node.value]!), binds: strength.atom };
    case 'neg': return { text: `-${arg(0, strength.sign)}`, binds: strength.sign };
    case 'not': return { text: `!${arg(0, strength.power)}`, binds: strength.sign };
    case 'pow': return {
      text: `${arg(0, strength.atom)}^${arg(1, strength.sign)}`, binds: strength.power,
    };
    case 'select': return {
      text: `${arg(0, strength.or)} ? ${arg(1, strength.ternary)} : ${arg(2, strength.ternary)}`,
      binds: strength.ternary,
    };
    default:
  }
  const row = infix[node.op];
  if (row !== undefined) {
    // Operators are left-associative, and comparisons are not chained.
    const [symbol, binds] = row;
    const left = binds === strength.order || binds === strength.equality ? binds + 1 : binds;
    return { text: arg(0, left) + symbol + arg(1, binds + 1), binds };
  }
  const list = node.args.map((_, k) => arg(k, strength.ternary)).join(', ');
  return { text: `${printedName[node.op] ?? node.op}(${list})`, binds: strength.atom };
}

function printNumber(value: number): Printed {
  if (Number.isNaN(value)) return { text: '0/0', binds: strength.product };
  if (!Number.isFinite(value))
    return { text: value > 0 ? '1/0' : '-1/0', binds: strength.product };
  if (value < 0 || Object.is(value, -0)) return { text: `-${-value}`, binds: strength.sign };
  return { text: `${value}`, binds: strength.atom };
}

/** A program as a listing, one instruction a line: for people. */
export function formatProgram(program: Program): string {
  const name = (reference: number): string => {
    const file = fileOf(reference), slot = slotOf(reference);
    if (file === 0) {
      if (slot < program.params) return `p${slot}`;
      const k = slot - program.params;
      return k < program.constants.length ? `${program.constants[k]}` : `fit${slot}`;
    }
    if (file === 1) return slot < program.predictors ? `x${slot}` : `data${slot}`;
    return `t${slot}`;
  };
  const lines: string[] = [];
  let at = 0;
  const section = (title: string, file: number, count: number): void => {
    if (count > 0) lines.push(`${title}:`);
    for (let i = 0; i < count; i++, at += instructionWords) {
      const op = ops[program.code[at]!]!;
      const args: string[] = [];
      for (let k = 0; k < op.arity; k++) args.push(name(program.code[at + 2 + k]!));
      lines.push(`  ${name(program.code[at + 1]! * 4 + file)} = ${op.name}(${args.join(', ')})`);
    }
  };
  section('data', 1, program.dataInstructions);
  section('fit', 0, program.fitInstructions);
  section('point', 2, program.pointInstructions);
  lines.push(`value ${name(program.value)}`);
  program.varying.forEach((param, j) => {
    lines.push(`d/dp${param} ${name(program.jacobian[j]!)}`);
  });
  return lines.join('\n');
}
