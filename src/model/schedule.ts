// From graph to program: which section computes what, in which order, in which slot.
// Point instructions are ordered so that few values are alive at a time: at each step, of the
// instructions that could run, the one that sets free most slots; ties in the order of a
// depth-first walk. Slots are reused as soon as their value is dead (linear scan).

import { Graph, dataKind, fitKind, pointKind, reachable } from './graph.ts';
import type { Node } from './graph.ts';
import { fuse, lower } from './lower.ts';
import { opCode } from './ops.ts';
import type { OpName } from './ops.ts';
import {
  dataFile, fitFile, instructionWords, noOperand, operand, pointFile, programLimits,
} from './program.ts';
import type { Program } from './program.ts';

/** Beyond so many instructions the plain depth-first order is kept. */
const maxListScheduled = 600;

export interface ScheduleInput {
  readonly predictors: number;
  readonly params: number;
  readonly value: Node;
  readonly varying: readonly number[];
  /** One for each of `varying`. */
  readonly columns: readonly Node[];
}

export function schedule(input: ScheduleInput): Program {
  const wanted = [input.value, ...input.columns];
  const roots = fuse(new Graph(), lower(new Graph(), wanted));
  const order = reachable(roots);
  const operands = new Map<Node, number>();
  const constants: number[] = [];
  const fit: Node[] = [], data: Node[] = [], point: Node[] = [];
  for (const node of order) {
    if (node.op === 'constant') {
      operands.set(node, operand(fitFile, input.params + constants.length));
      constants.push(node.value);
    } else if (node.op === 'param') operands.set(node, operand(fitFile, node.value));
    else if (node.op === 'predictor') operands.set(node, operand(dataFile, node.value));
    else (node.kind === fitKind ? fit : node.kind === dataKind ? data : point).push(node);
  }
  const firstFit = input.params + constants.length;
  fit.forEach((node, i) => operands.set(node, operand(fitFile, firstFit + i)));
  data.forEach((node, i) => operands.set(node, operand(dataFile, input.predictors + i)));
  const ordered = pointOrder(point, roots);
  const pointSlots = allocate(ordered, roots, operands);
  const code: number[] = [];
  for (const node of data) emit(code, node, operands.get(node)! >> 2, operands);
  for (const node of fit) emit(code, node, operands.get(node)! >> 2, operands);
  for (const node of ordered) emit(code, node, operands.get(node)! >> 2, operands);
  const program: Program = {
    predictors: input.predictors,
    params: input.params,
    constants: Float64Array.from(constants),
    dataInstructions: data.length,
    fitInstructions: fit.length,
    pointInstructions: point.length,
    dataSlots: input.predictors + data.length,
    fitSlots: firstFit + fit.length,
    pointSlots,
    value: operands.get(roots[0]!)!,
    varying: Int32Array.from(input.varying),
    jacobian: Int32Array.from(input.columns, (_, j) => operands.get(roots[j + 1]!)!),
    code: Int32Array.from(code),
  };
  checkLimits(program);
  return program;
}

function emit(
  code: number[], node: Node, target: number, operands: ReadonlyMap<Node, number>,
): void {
  code.push(opCode[node.op as OpName], target);
  for (let k = 0; k < instructionWords - 2; k++) {
    const arg = node.args[k];
    code.push(arg === undefined ? noOperand : operands.get(arg)!);
  }
}

/** Depth-first from the roots, each node after its arguments. */
function depthFirst(roots: readonly Node[]): Node[] {
  const done = new Set<Node>();
  const order: Node[] = [];
  const stack: Node[] = [];
  for (let i = roots.length - 1; i >= 0; i--) stack.push(roots[i]);
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    if (done.has(node) || node.kind !== pointKind) {
      stack.pop();
      continue;
    }
    const depth = stack.length;
    for (let k = node.args.length - 1; k >= 0; k--)
      if (node.args[k].kind === pointKind && !done.has(node.args[k])) stack.push(node.args[k]);
    if (stack.length === depth) {
      done.add(node);
      order.push(node);
      stack.pop();
    }
  }
  return order;
}

function pointArgs(node: Node): Node[] {
  return [...new Set(node.args.filter((arg) => arg.kind === pointKind))];
}

function countUses(nodes: readonly Node[], roots: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  for (const node of nodes)
    for (const arg of pointArgs(node)) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  // Results stay alive to the end.
  for (const root of roots) uses.set(root, Infinity);
  return uses;
}

function pointOrder(point: readonly Node[], roots: readonly Node[]): Node[] {
  const walk = depthFirst(roots);
  if (point.length > maxListScheduled) return walk;
  const uses = countUses(walk, roots);
  const waiting = new Map(walk.map((node) => [node, pointArgs(node).length]));
  const users = new Map<Node, Node[]>(walk.map((node) => [node, []]));
  for (const node of walk) for (const arg of pointArgs(node)) users.get(arg)!.push(node);
  const place = new Map(walk.map((node, i) => [node, i]));
  const ready = walk.filter((node) => waiting.get(node) === 0);
  const order: Node[] = [];
  while (ready.length > 0) {
    let best = 0, bestGain = -Infinity;
    ready.forEach((node, i) => {
      const gain = pointArgs(node).filter((arg) => uses.get(arg) === 1).length;
      if (gain > bestGain || (gain === bestGain && place.get(node)! < place.get(ready[best]!)!)) {
        best = i;
        bestGain = gain;
      }
    });
    const [node] = ready.splice(best, 1) as [Node];
    order.push(node);
    for (const arg of pointArgs(node)) uses.set(arg, uses.get(arg)! - 1);
    for (const user of users.get(node)!) {
      waiting.set(user, waiting.get(user)! - 1);
      if (waiting.get(user) === 0) ready.push(user);
    }
  }
  return order;
}

/** Gives every point node a slot; the number of slots. */
function allocate(
  order: readonly Node[], roots: readonly Node[], operands: Map<Node, number>,
): number {
  const uses = countUses(order, roots);
  const free: number[] = [];
  let slots = 0;
  for (const node of order) {
    for (const arg of pointArgs(node)) {
      const left = uses.get(arg)! - 1;
      uses.set(arg, left);
      if (left === 0) free.push(operands.get(arg)! >> 2);
    }
    operands.set(node, operand(pointFile, free.pop() ?? slots++));
  }
  return slots;
}

function checkLimits(program: Program): void {
  const limits = programLimits;
  const rows: readonly (readonly [string, number, number])[] = [
    ['predictors', program.predictors, limits.predictors],
    ['parameters', program.params, limits.params],
    ['varying parameters', program.varying.length, limits.columns],
    ['constants', program.constants.length, limits.constants],
    ['values', Math.max(program.fitSlots, program.dataSlots, program.pointSlots), limits.slots],
    ['operations', Math.max(
      program.fitInstructions, program.dataInstructions, program.pointInstructions,
    ), limits.instructions],
  ];
  for (const [what, count, limit] of rows)
    if (count > limit)
      throw new RangeError(`the model needs ${count} ${what}, the limit is ${limit}`);
}
