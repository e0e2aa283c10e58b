// Runs a program instruction by instruction over blocks of points, for places where code may not
// be generated. Slower than generate.ts by a factor of about ten, with the same bits.

import { dataFile, fileOf, fitFile, instructionWords, slotOf, type Program } from '../../model/program.ts';
import { ops } from '../../model/ops.ts';
import { blockPoints, PairwiseSum } from '../linalg/pairwise-sum.ts';
import type { DataColumns, Evaluator, Observations } from './evaluator.ts';
import { table } from './ops.ts';

class Interpreter implements Evaluator {
  readonly #program: Program;
  readonly #fit: Float64Array;
  readonly #point: Float64Array[];
  #pairwise: PairwiseSum;
  readonly #rows: Float64Array[];
  readonly #left: Float64Array[];

  constructor(program: Program) {
    const columns = program.jacobian.length;
    this.#program = program;
    this.#fit = new Float64Array(program.fitSlots);
    this.#fit.set(program.constants, program.params);
    const room = new Float64Array(program.pointSlots * blockPoints);
    this.#point = Array.from({ length: program.pointSlots }, (_, k) =>
      room.subarray(k * blockPoints, (k + 1) * blockPoints));
    this.#pairwise = new PairwiseSum(((columns + 1) * (columns + 2)) / 2);
    this.#rows = [];
    this.#left = [];
  }

  prepare(data: DataColumns, points: number): void {
    const { dataInstructions, code } = this.#program;
    for (let i = 0; i < dataInstructions; i++) {
      const target = code[i * instructionWords + 1]!;
      const column = data.columns[target]!, offset = data.offsets[target]!;
      this.#run(i, data, 0, points, (k, value) => (column[offset + k] = value));
    }
  }

  accumulate(params: Float64Array, data: DataColumns, observed: Observations, points: number, sums: Float64Array): void {
    const { jacobian, value } = this.#program;
    if (this.#pairwise.width !== sums.length) this.#pairwise = new PairwiseSum(sums.length);
    const pairwise = this.#pairwise, rows = this.#rows, n = jacobian.length;
    const triangle = ((n + 1) * (n + 2)) / 2;
    // Both sides of the products: with a loss one of them is weighted.
    const left = this.#left;
    while (rows.length <= n) {
      rows.push(new Float64Array(blockPoints));
      left.push(new Float64Array(blockPoints));
    }
    const { y, yOffset, weights, weightOffset, loss } = observed;
    this.#fitSection(params, data);
    pairwise.clear();
    for (let from = 0; from < points; from += blockPoints) {
      const count = Math.min(blockPoints, points - from);
      this.#pointSection(data, from, count);
      let cost = 0, influence = 0, square = 0, plain = 0;
      for (let i = 0; i < count; i++) {
        const f = this.#read(value, data, from, i);
        const observation = y[yOffset + from + i]!;
        const w = weights === null ? 1 : weights[weightOffset + from + i]!;
        const r = (observation - f) * w;
        for (let j = 0; j < n; j++) left[j]![i] = rows[j]![i] = this.#read(jacobian[j]!, data, from, i) * w;
        left[n]![i] = rows[n]![i] = r;
        if (loss === null) continue;
        loss.apply(r, observation, f);
        cost += loss.cost;
        influence += loss.influence * loss.influence;
        square += loss.square;
        plain += r * r;
        for (let j = 0; j < n; j++) left[j]![i] = rows[j]![i]! * loss.square;
        left[n]![i] = loss.influence;
      }
      for (let a = 0, k = 0; a <= n; a++)
        for (let b = 0; b <= a; b++, k++) {
          let s = 0;
          for (let i = 0; i < count; i++) s += left[a]![i]! * rows[b]![i]!;
          pairwise.block[k] = s;
        }
      if (loss !== null) pairwise.block.set([cost, influence, square, plain], triangle - 1);
      pairwise.push();
    }
    pairwise.totalInto(sums);
  }

  evaluate(params: Float64Array, data: DataColumns, points: number, out: Float64Array, gradient: Float64Array | null): void {
    const { jacobian, value } = this.#program;
    const n = jacobian.length;
    this.#fitSection(params, data);
    for (let from = 0; from < points; from += blockPoints) {
      const count = Math.min(blockPoints, points - from);
      this.#pointSection(data, from, count);
      for (let i = 0; i < count; i++) {
        out[from + i] = this.#read(value, data, from, i);
        if (gradient !== null)
          for (let j = 0; j < n; j++) gradient[(from + i) * n + j] = this.#read(jacobian[j]!, data, from, i);
      }
    }
  }

  #fitSection(params: Float64Array, data: DataColumns): void {
    const { dataInstructions, fitInstructions, code } = this.#program;
    this.#fit.set(params);
    for (let i = dataInstructions; i < dataInstructions + fitInstructions; i++) {
      const target = code[i * instructionWords + 1]!;
      this.#run(i, data, 0, 1, (_, result) => (this.#fit[target] = result));
    }
  }

  #pointSection(data: DataColumns, from: number, count: number): void {
    const { dataInstructions, fitInstructions, pointInstructions, code } = this.#program;
    const first = dataInstructions + fitInstructions;
    for (let i = first; i < first + pointInstructions; i++) {
      const target = this.#point[code[i * instructionWords + 1]!]!;
      this.#run(i, data, from, count, (k, result) => (target[k] = result));
    }
  }

  #run(instruction: number, data: DataColumns, from: number, count: number, write: (k: number, value: number) => void): void {
    const { code } = this.#program;
    const at = instruction * instructionWords;
    const op = ops[code[at]!]!;
    const { evaluate } = table[op.name];
    const [a, b, c] = [code[at + 2]!, code[at + 3]!, code[at + 4]!] as const;
    for (let k = 0; k < count; k++)
      write(k, evaluate(
        this.#read(a, data, from, k),
        op.arity > 1 ? this.#read(b, data, from, k) : 0,
        op.arity > 2 ? this.#read(c, data, from, k) : 0,
      ));
  }

  #read(reference: number, data: DataColumns, from: number, k: number): number {
    const slot = slotOf(reference), file = fileOf(reference);
    if (file === fitFile) return this.#fit[slot]!;
    if (file === dataFile) return data.columns[slot]![data.offsets[slot]! + from + k]!;
    return this.#point[slot]![k]!;
  }
}

export function interpretingEvaluator(program: Program): Evaluator {
  return new Interpreter(program);
}
