// Runs a program by JavaScript generated from it: one loop over the points with every temporary
// and every running sum in a local variable. The text is made from a validated program, whose
// words are numbers; nothing that a user wrote reaches it.

import { fileOf, fitFile, dataFile, instructionWords, slotOf, type Program } from '../../model/program.ts';
import { ops } from '../../model/ops.ts';
import { blockPoints, PairwiseSum } from '../linalg/pairwise-sum.ts';
import type { DataColumns, Evaluator, Observations, PointLoss } from './evaluator.ts';
import { functions, table } from './ops.ts';

/** Above this number of sums the running sums live in an array: locals beyond it only spill. */
const maxLocalSums = 120;

type Accumulate = (
  params: Float64Array, columns: Float64Array[], offsets: number[], y: Float64Array, yOffset: number,
  weights: Float64Array | null, weightOffset: number, from: number, to: number, sums: Float64Array,
  loss: PointLoss | null,
) => void;
type Prepare = (columns: Float64Array[], offsets: number[], points: number) => void;
type Evaluate = (
  params: Float64Array, columns: Float64Array[], offsets: number[], points: number,
  value: Float64Array, jacobian: Float64Array | null,
) => void;

function literal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity || value === -Infinity) return `(${value})`;
  return Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : String(value);
}

/** Source fragments of one program. */
class Writer {
  readonly program: Program;
  readonly used: Set<string> = new Set();

  constructor(program: Program) {
    this.program = program;
  }

  name(reference: number): string {
    const slot = slotOf(reference), file = fileOf(reference);
    if (file === dataFile) return `d${slot}`;
    if (file !== fitFile) return `v${slot}`;
    const constant = slot - this.program.params;
    return constant >= 0 && constant < this.program.constants.length
      ? literal(this.program.constants[constant]!)
      : `f${slot}`;
  }

  /** Statements for instructions [from, to), results assigned to `prefix` + slot. */
  statements(from: number, to: number, prefix: string, declare: boolean): string[] {
    const { code } = this.program;
    const lines: string[] = [];
    for (let i = from; i < to; i++) {
      const at = i * instructionWords;
      const op = ops[code[at]!]!;
      const [a, b, c] = [0, 1, 2].map((k) => (k < op.arity ? this.name(code[at + 2 + k]!) : '')) as [string, string, string];
      if (op.name in functions) this.used.add(op.name);
      lines.push(`${declare ? 'const ' : ''}${prefix}${code[at + 1]} = ${table[op.name].text(a, b, c)};`);
    }
    return lines;
  }

  /** Locals for the columns that `references` and the code between from and to read. */
  dataLoads(from: number, to: number, references: Iterable<number>): { arrays: string[]; loads: string[] } {
    const { code, dataInstructions } = this.program;
    const slots = new Set<number>();
    const note = (reference: number): void => {
      if (reference >= 0 && fileOf(reference) === dataFile) slots.add(slotOf(reference));
    };
    for (let i = from; i < to; i++)
      for (let k = 2; k < instructionWords; k++) note(code[i * instructionWords + k]!);
    for (const reference of references) note(reference);
    if (to === dataInstructions && from === 0)
      for (let i = from; i < to; i++) slots.delete(code[i * instructionWords + 1]!);
    const list = [...slots];
    return {
      arrays: list.map((s) => `const c${s} = columns[${s}], o${s} = offsets[${s}];`),
      loads: list.map((s) => `const d${s} = c${s}[o${s} + i];`),
    };
  }

  compile<T>(parameters: string, body: readonly string[]): T {
    const names = [...this.used];
    const make = new Function(...names, `'use strict';\nreturn function (${parameters}) {\n${body.join('\n')}\n};`);
    return make(...names.map((name) => functions[name])) as T;
  }
}

/** The fit section: parameters and what follows from them, as constants of the call. */
function fitSection(writer: Writer): string[] {
  const { program } = writer;
  const first = program.dataInstructions;
  return [
    ...Array.from({ length: program.params }, (_, k) => `const f${k} = params[${k}];`),
    ...writer.statements(first, first + program.fitInstructions, 'f', true),
  ];
}

function pointSection(writer: Writer): { declare: string; lines: string[]; from: number; to: number } {
  const { program } = writer;
  const from = program.dataInstructions + program.fitInstructions;
  const to = from + program.pointInstructions;
  const slots = Array.from({ length: program.pointSlots }, (_, k) => `v${k} = 0`);
  return {
    declare: slots.length > 0 ? `let ${slots.join(', ')};` : '',
    lines: writer.statements(from, to, 'v', false),
    from,
    to,
  };
}

function makePrepare(program: Program): Prepare {
  const writer = new Writer(program);
  const lines = writer.statements(0, program.dataInstructions, 'd', true);
  const targets = Array.from({ length: program.dataInstructions }, (_, i) => program.code[i * instructionWords + 1]!);
  const { arrays, loads } = writer.dataLoads(0, program.dataInstructions, []);
  return writer.compile('columns, offsets, points', [
    ...arrays,
    ...targets.map((s) => `const t${s} = columns[${s}], u${s} = offsets[${s}];`),
    'for (let i = 0; i < points; i++) {',
    ...loads,
    ...lines,
    ...targets.map((s) => `t${s}[u${s} + i] = d${s};`),
    '}',
  ]);
}

function makeEvaluate(program: Program, withJacobian: boolean): Evaluate {
  const writer = new Writer(program);
  const point = pointSection(writer);
  const outputs = withJacobian ? [program.value, ...program.jacobian] : [program.value];
  const { arrays, loads } = writer.dataLoads(point.from, point.to, outputs);
  const columns = program.jacobian.length;
  return writer.compile('params, columns, offsets, points, value, jacobian', [
    ...fitSection(writer), ...arrays,
    point.declare,
    'for (let i = 0; i < points; i++) {',
    ...loads, ...point.lines,
    `value[i] = ${writer.name(program.value)};`,
    ...(withJacobian
      ? Array.from(program.jacobian, (reference, j) => `jacobian[i * ${columns} + ${j}] = ${writer.name(reference)};`)
      : []),
    '}',
  ]);
}

/** What is added for a point: its cost c, q = ψ and z = s². */
const callLines = (value: string): string[] => [
  `loss.apply(r, y[yOffset + i], ${value});`,
  'const c = loss.cost, q = loss.influence, z = loss.square;',
];

/**
 * RobustLoss (optim/losses.ts) for huber in place: a call costs as much as the rest of a small
 * model, for its numbers go through the heap.
 */
const huberLines = [
  'const size = Math.abs(r), isInside = !(size > scale);',
  'const c = isInside ? r * r : scale * (2 * size - scale);',
  'const q = isInside ? r : r < 0 ? -scale : scale;',
  'const z = isInside ? 1 : leastCurvature * (scale / size);',
];

/** @param loss how the function is made: without a loss, with one that is called, or for huber */
function makeAccumulate(program: Program, weighted: boolean, loss: 'none' | 'called' | 'huber'): Accumulate {
  const hasLoss = loss !== 'none';
  const writer = new Writer(program);
  const point = pointSection(writer);
  const { arrays, loads } = writer.dataLoads(point.from, point.to, [program.value, ...program.jacobian]);
  const n = program.jacobian.length;
  const triangle = ((n + 1) * (n + 2)) / 2;
  const count = hasLoss ? triangle + 3 : triangle;
  const inLocals = count <= maxLocalSums;
  const entries = Array.from(program.jacobian, (reference, j) =>
    weighted
      ? { line: `const j${j} = ${writer.name(reference)} * w;`, name: `j${j}` }
      : { line: '', name: writer.name(reference) });
  const plain = `y[yOffset + i] - ${writer.name(program.value)}`;
  const weightLine = weighted ? 'const w = weights[weightOffset + i];' : '';
  const residualLine = `const r = ${weighted ? `(${plain}) * w` : plain};`;
  // Products of [s²·J, ψ] with J.
  const lossLines = [
    ...(loss === 'huber' ? huberLines : callLines(writer.name(program.value))),
    ...entries.map(({ name }, j) => `const l${j} = ${name} * z;`),
  ];
  const sumOf = (k: number): string => (inLocals ? `s${k}` : `sums[${k}]`);
  const additions: string[] = [];
  const add = (k: number, term: string): unknown => additions.push(`${sumOf(k)} = ${sumOf(k)} + ${term};`);
  entries.push({ line: '', name: 'r' });
  for (let i = 0, k = 0; i <= n; i++)
    for (let j = 0; j <= i; j++, k++)
      if (!hasLoss) add(k, `${entries[i]!.name} * ${entries[j]!.name}`);
      else if (j < n) add(k, `${i < n ? `l${i}` : 'q'} * ${entries[j]!.name}`);
  if (hasLoss) ['c', 'q * q', 'z', 'r * r'].forEach((term, k) => add(triangle - 1 + k, term));
  return writer.compile(
    'params, columns, offsets, y, yOffset, weights, weightOffset, from, to, sums, loss',
    [
      ...fitSection(writer), ...arrays,
      point.declare,
      loss === 'huber' ? 'const { scale, leastCurvature } = loss;' : '',
      inLocals
        ? `let ${Array.from({ length: count }, (_, k) => `s${k} = 0`).join(', ')};`
        : `for (let k = 0; k < ${count}; k++) sums[k] = 0;`,
      'for (let i = from; i < to; i++) {',
      ...loads, ...point.lines,
      weightLine, residualLine, ...entries.map((entry) => entry.line),
      ...(hasLoss ? lossLines : []), ...additions,
      '}',
      ...(inLocals ? Array.from({ length: count }, (_, k) => `sums[${k}] = s${k};`) : []),
    ],
  );
}

const kinds = ['none', 'called', 'huber'] as const;

/** An evaluator made of generated functions, each generated when it is first needed. */
export function generateEvaluator(program: Program): Evaluator {
  let prepare: Prepare | undefined;
  /** By whether there are weights, and by the kind of loss. */
  const accumulates: (Accumulate | undefined)[] = [];
  let value: Evaluate | undefined, both: Evaluate | undefined;
  let pairwise: PairwiseSum | undefined;
  return {
    prepare(data: DataColumns, points: number): void {
      if (program.dataInstructions === 0) return;
      (prepare ??= makePrepare(program))(data.columns, data.offsets, points);
    },
    accumulate(params: Float64Array, data: DataColumns, observed: Observations, points: number, sums: Float64Array): void {
      const { columns, offsets } = data;
      const { y, yOffset, weights, weightOffset, loss } = observed;
      const kind = loss === null ? 0 : loss.isHuber ? 2 : 1;
      const run = (accumulates[2 * kind + (weights === null ? 0 : 1)] ??=
        makeAccumulate(program, weights !== null, kinds[kind]));
      if (points <= blockPoints) {
        run(params, columns, offsets, y, yOffset, weights, weightOffset, 0, points, sums, loss);
        return;
      }
      if (pairwise?.width !== sums.length) pairwise = new PairwiseSum(sums.length);
      pairwise.clear();
      for (let from = 0; from < points; from += blockPoints) {
        const to = from + blockPoints < points ? from + blockPoints : points;
        run(params, columns, offsets, y, yOffset, weights, weightOffset, from, to, pairwise.block, loss);
        pairwise.push();
      }
      pairwise.totalInto(sums);
    },
    evaluate(params: Float64Array, data: DataColumns, points: number, out: Float64Array, jacobian: Float64Array | null): void {
      const run = jacobian === null
        ? (value ??= makeEvaluate(program, false))
        : (both ??= makeEvaluate(program, true));
      run(params, data.columns, data.offsets, points, out, jacobian);
    },
  };
}
