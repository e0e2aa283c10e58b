// The flat form in which a compiled model reaches the engines, and its validator.
//
// A program computes f(x; p) and the columns of its Jacobian in three sections:
//   data   what depends on the predictors alone: computed once per data set
//   fit    what depends on the parameters alone: computed once per evaluation
//   point  the rest: computed for every data point
// Instructions are five 32-bit words: op, target slot, operands a, b, c (absent operands are -1).
// Each section writes slots of its own file; an operand is slot·4 + file, where file is 0 (fit),
// 1 (data) or 2 (point).
//
//   fit slots    parameters, then constants, then results of the fit section
//   data slots   predictors, then results of the data section
//   point slots  results of the point section; a slot may be written again once its value is dead

import { ops } from './ops.ts';

export const fitFile = 0;
export const dataFile = 1;
export const pointFile = 2;
export const noOperand = -1;
export const instructionWords = 5;
export const programMagic = 0x6e616431;
/** Words before the lists of the encoded form. */
export const headerWords = 12;

export const programLimits: {
  readonly predictors: number;
  readonly params: number;
  readonly columns: number;
  readonly constants: number;
  readonly slots: number;
  readonly instructions: number;
} = {
  predictors: 64,
  params: 256,
  columns: 64,
  constants: 16384,
  slots: 32768,
  instructions: 65536,
};

export interface Program {
  readonly predictors: number;
  readonly params: number;
  readonly constants: Float64Array;
  readonly dataInstructions: number;
  readonly fitInstructions: number;
  readonly pointInstructions: number;
  readonly dataSlots: number;
  readonly fitSlots: number;
  readonly pointSlots: number;
  /** Operand that holds f(x; p) when the point section has run. */
  readonly value: number;
  /** Index of the parameter that each Jacobian column belongs to, ascending. */
  readonly varying: Int32Array;
  /** Operand that holds ∂f/∂p for each entry of `varying`. */
  readonly jacobian: Int32Array;
  /** The three sections one after another. */
  readonly code: Int32Array;
}

export function operand(file: number, slot: number): number {
  return slot * 4 + file;
}
export function fileOf(reference: number): number {
  return reference & 3;
}
export function slotOf(reference: number): number {
  return reference >> 2;
}

/**
 * One Int32Array for the native engine: magic, predictors, params, number of constants,
 * data / fit / point instructions, data / fit / point slots, value operand, number of columns;
 * then `varying`, `jacobian`, `code`.
 */
export function encodeProgram(program: Program): Int32Array {
  const columns = program.varying.length;
  const words = new Int32Array(headerWords + 2 * columns + program.code.length);
  words.set([
    programMagic, program.predictors, program.params, program.constants.length,
    program.dataInstructions, program.fitInstructions, program.pointInstructions,
    program.dataSlots, program.fitSlots, program.pointSlots, program.value, columns,
  ]);
  words.set(program.varying, headerWords);
  words.set(program.jacobian, headerWords + columns);
  words.set(program.code, headerWords + 2 * columns);
  return words;
}

/** The first fault of an encoded program, or null when an engine may run it. Twin of native/program/program.h. */
export function validateProgram(words: Int32Array, constants: Float64Array): string | null {
  if (words.length < headerWords) return 'shorter than its header';
  if (words[0] !== programMagic) return 'does not begin with the magic number';
  const [, predictors, params, constantCount, dataCount, fitCount, pointCount, dataSlots, fitSlots,
    pointSlots, value, columns] = words as unknown as number[];
  const limits = programLimits;
  const within = (n: number, max: number): boolean => n >= 0 && n <= max;
  if (!within(predictors, limits.predictors)) return 'number of predictors out of range';
  if (!within(params, limits.params)) return 'number of parameters out of range';
  if (!within(columns, limits.columns) || columns > params) return 'number of columns out of range';
  if (!within(constantCount, limits.constants) || constantCount !== constants.length)
    return 'number of constants does not match';
  if (!within(dataCount, limits.instructions) || !within(fitCount, limits.instructions) ||
      !within(pointCount, limits.instructions)) return 'number of instructions out of range';
  if (!within(dataSlots, limits.slots) || !within(fitSlots, limits.slots) ||
      !within(pointSlots, limits.slots)) return 'number of slots out of range';
  if (dataSlots < predictors) return 'fewer data slots than predictors';
  if (fitSlots < params + constantCount) return 'fewer fit slots than parameters and constants';
  const codeStart = headerWords + 2 * columns;
  if (words.length !== codeStart + instructionWords * (dataCount + fitCount + pointCount))
    return 'length does not match its header';
  for (let j = 0; j < columns; j++) {
    const param = words[headerWords + j]!;
    if (!within(param, params - 1)) return 'column of a parameter that does not exist';
    if (j > 0 && param <= words[headerWords + j - 1]!) return 'columns not in ascending order';
  }

  const written = [new Uint8Array(fitSlots), new Uint8Array(dataSlots), new Uint8Array(pointSlots)];
  written[fitFile]!.fill(1, 0, params + constantCount);
  written[dataFile]!.fill(1, 0, predictors);
  const readable = (reference: number, section: number): boolean => {
    if (reference < 0) return false;
    const file = fileOf(reference), slot = slotOf(reference);
    if (file > pointFile || slot >= written[file]!.length || written[file]![slot] === 0) return false;
    if (section === fitFile) return file === fitFile;
    // What is computed once per data set may use constants, not parameters or what follows from them.
    if (section === dataFile)
      return file === dataFile || (file === fitFile && slot >= params && slot < params + constantCount);
    return true;
  };
  const order = [dataFile, fitFile, pointFile];
  const counts = [dataCount, fitCount, pointCount];
  let at = codeStart;
  for (let s = 0; s < 3; s++) {
    const section = order[s]!;
    for (let i = 0; i < counts[s]!; i++, at += instructionWords) {
      const op = ops[words[at]!];
      if (op === undefined) return `unknown operation ${words[at]}`;
      for (let k = 0; k < 3; k++) {
        const reference = words[at + 2 + k]!;
        if (k < op.arity ? !readable(reference, section) : reference !== noOperand)
          return `operand ${k} of instruction ${(at - codeStart) / instructionWords} (${op.name}) is not valid`;
      }
      const target = words[at + 1]!;
      if (!within(target, written[section]!.length - 1)) return 'target slot out of range';
      if (section !== pointFile && written[section]![target] === 1) return 'slot written twice';
      written[section]![target] = 1;
    }
  }
  if (!readable(value, pointFile)) return 'value is never computed';
  for (let j = 0; j < columns; j++)
    if (!readable(words[headerWords + columns + j]!, pointFile)) return 'a column is never computed';
  return null;
}
