// Which way a program is run: by generated code or, where that is forbidden or not worth its while,
// by the interpreter. Both do the same arithmetic. Each is made once per program.

import type { Program } from '../../model/program.ts';
import type { Evaluator } from './evaluator.ts';
import { generateEvaluator } from './generate.ts';
import { interpretingEvaluator } from './interpret.ts';

let canGenerate: boolean | undefined;

/** Whether code may be generated here (a content security policy may forbid it). */
export function mayGenerate(): boolean {
  if (canGenerate === undefined) {
    try {
      canGenerate = new Function('return 1')() === 1;
    } catch {
      canGenerate = false;
    }
  }
  return canGenerate;
}

const cache = new WeakMap<Program, Evaluator>();
const interpreters = new WeakMap<Program, Evaluator>();

/** The interpreter of a program, made once. */
export function interpreterOf(program: Program): Evaluator {
  let interpreter = interpreters.get(program);
  if (interpreter === undefined) interpreters.set(program, interpreter = interpretingEvaluator(program));
  return interpreter;
}

/** The evaluator of a program, made once. */
export function evaluatorOf(program: Program): Evaluator {
  let evaluator = cache.get(program);
  if (evaluator === undefined) {
    evaluator = mayGenerate() ? generateEvaluator(program) : interpreterOf(program);
    cache.set(program, evaluator);
  }
  return evaluator;
}
