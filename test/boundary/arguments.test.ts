// The raw add-on called directly and wrongly: each mistake is answered with a JavaScript error that
// names the argument, and nothing is written.

import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Addon, FitArguments, ProgramHandle } from '../../src/engine/addon.ts';
import { ops } from '../../src/model/ops.ts';
import {
  floats, makeArguments, makeCurves, makeNumbers, makeOutputs, openAddon, program, resizableBuffer,
    start,
  words, type Filled,
} from './fixtures.ts';

const { addon } = openAddon();
const raw = addon as unknown as Record<keyof Addon, (...args: unknown[]) => unknown>;
const handle = addon.createProgram(words, program.constants);
const curves = makeCurves(20, 16);
const position = {
  program: 0, numbers: 1, y: 2, sigma: 3, offsets: 4, init: 5, params: 6, ssr: 7, status: 8,
    iterations: 9,
  stdErr: 10, covariance: 11, r2: 12, residuals: 13, x: 14,
};

let outputs: Filled;
let args: FitArguments;
beforeEach(() => {
  outputs = makeOutputs(curves);
  args = makeArguments(handle, curves, outputs);
});

/** The arguments with one of them replaced. */
function having(name: keyof typeof position, value: unknown): unknown[] {
  return args.map((argument, i) => (i === position[name] ? value : argument));
}

function detached(length: number): Float64Array {
  const array = new Float64Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function cut(length: number): Float64Array {
  const buffer = resizableBuffer(8 * length, 8 * length);
  const array = new Float64Array(buffer);
  buffer.resize(8);
  return array;
}

class Liar extends Float64Array {
  override get length(): number {
    return 320;
  }
}

const foreign: Record<string, unknown> = {
  'an object': {}, 'a number': 1, 'a string': 'program', null: null, undefined: undefined,
  'a proxy of the right value': new Proxy(handle, {}), 'an array': [], 'a function': () => 0,
    'a symbol': Symbol('s'),
  'a buffer': new ArrayBuffer(8),
};

describe('fit and startFit refuse', () => {
  const calls: Record<string, (list: unknown[]) => unknown> = {
    fit: (list) => raw.fit(...list),
    startFit: (list) => raw.startFit(() => {}, ...list),
  };
  const mistakes: [string, () => unknown[], RegExp][] = [
    ['no arguments', () => [], /at least 14 arguments, got 0/],
    ['no predictor', () => args.slice(0, 14), /expected 1 arrays of predictors, got 0/],
    ['one predictor too many', () => [...args, curves.x], /expected 1 arrays of predictors, got 2/],
    ['a hundred predictors', () => [...args, ...Array.from({ length: 100 }, () => curves.x)],
      /arguments, got 11[56]/],
    ['a short record of numbers', () => having('numbers', new Float64Array(14)),
      /numbers: expected 15 values/],
    ['a record of other numbers', () => having('numbers', new Float32Array(15)),
      /numbers: expected a Float64Array/],
    ['a detached y', () => having('y', detached(320)), /y: expected 320 values, got 0/],
    ['a y whose buffer was cut', () => having('y', cut(320)), /y: expected 320 values, got 1/],
    ['a y that lies about its length', () => having('y', new Liar(7)),
      /y: expected 320 values, got 7/],
    ['a y of integers', () => having('y', new Int32Array(320)),
      /y: expected a Float64Array or Float32Array/],
    ['a proxy of y', () => having('y', new Proxy(curves.y, {})),
      /y: expected a Float64Array or Float32Array/],
    ['an object made of the prototype', () => having('y', Object.create(Float64Array.prototype)),
      /y: expected a Float/],
    ['a DataView', () => having('y', new DataView(new ArrayBuffer(2560))), /y: expected a Float/],
    ['a short sigma', () => having('sigma', new Float64Array(319)),
      /sigma: expected 320 values, got 319/],
    ['a short init', () => having('init', new Float64Array(2)), /init: expected 3 values, got 2/],
    ['an absent init', () => having('init', null), /init: expected a Float64Array/],
    ['a short x', () => having('x', new Float64Array(15)), /x: expected 16 values, got 15/],
    ['a long x', () => having('x', new Float64Array(17)), /x: expected 16 values, got 17/],
    ['short params', () => having('params', new Float64Array(59)), /params: expected 60 values/],
    ['a short ssr', () => having('ssr', new Float64Array(19)), /ssr: expected 20 values/],
    ['a status of other bytes', () => having('status', new Int8Array(20)),
      /status: expected a Uint8Array/],
    ['clamped bytes', () => having('status', new Uint8ClampedArray(20)),
      /status: expected a Uint8Array/],
    ['short iterations', () => having('iterations', new Uint16Array(1)),
      /iterations: expected 20 values/],
    ['a short stdErr', () => having('stdErr', new Float64Array(1)), /stdErr: expected 60 values/],
    ['a short covariance', () => having('covariance', new Float64Array(60)),
      /covariance: expected 180 values/],
    ['a short r2', () => having('r2', new Float64Array(21)), /r2: expected 20 values/],
    ['short residuals', () => having('residuals', new Float64Array(20)),
      /residuals: expected 320 values/],
    ['results over data', () => having('residuals', curves.y), /residuals: shares memory with y/],
    ['results over results', () => having('stdErr', outputs.params),
      /params: shares memory with stdErr/],
    ['results within results', () => having('r2', new Float64Array(outputs.residuals.buffer, 800,
      20)), /shares memory/],
    ['shared data that offsets cut', () => having('offsets', new Uint32Array(21)),
      /points must be 0/],
  ];
  for (const [name, call] of Object.entries(calls))
    it.each(mistakes)(`${name}: %s`, (_, list, message) => {
      expect(() => call(list())).toThrow(message);
      expect(outputs.status.every((code) => code === 99)).toBe(true);
    });

  const numbers: [string, number, number, RegExp][] = [
    ['negative fits', 0, -1, /fits/], ['half a fit', 0, 1.5, /fits/], ['NaN fits', 0, NaN, /fits/],
    ['endless fits', 0, Infinity, /fits/], ['2^53 fits', 0, 2 ** 53, /fits/],
    ['fits whose product wraps in 32 bits', 0, 2 ** 32 + 20, /too many|expected \d+ values/],
    ['fits and points whose product wraps in 64 bits', 0, 2 ** 52, /too many|expected \d+ values/],
    ['points beyond the data', 1, 17, /expected 340 values/], ['points of 2^50', 1, 2 ** 50,
      /too many|values/],
    ['negative points', 1, -16, /points/], ['a flag of 2', 2, 2, /xShared/], ['a NaN flag', 10,
      NaN, /fused/],
    ['2^31 iterations', 8, 2 ** 31, /maxIter/], ['a fraction of a thread', 11, 0.5, /threads/],
    ['a million threads', 11, 1e6, /threads/], ['a negative time', 12, -1, /maxSeconds/],
      ['NaN seconds', 12, NaN, /maxSeconds/],
  ];
  it.each(numbers)('a record with %s', (_, at, value, message) => {
    const list = having('numbers', makeNumbers(curves, { [at]: value }));
    expect(() => raw.fit(...list)).toThrow(message);
    expect(() => raw.startFit(() => {}, ...list)).toThrow(message);
  });

  it.each(Object.entries(foreign))('%s as a program', (_, value) => {
    expect(() => raw.fit(...having('program',
      value))).toThrow(/program: expected what createProgram returned/);
    expect(() => raw.evaluate(value, 0, start, start, null)).toThrow(/program: expected/);
  });

  it('the handle of a job as a program, and a program as a job', async () => {
    await new Promise<void>((resolve) => {
      const job = addon.startFit(() => resolve(), ...args);
      expect(() => raw.fit(...having('program', job))).toThrow(/program: expected/);
    });
    expect(() => raw.jobDone(handle)).toThrow(/job: expected what startFit returned/);
    expect(() => raw.cancelJob(handle, 7)).toThrow(/job: expected what startFit returned/);
    expect(() => raw.bringData(handle)).toThrow(/job: expected what startFit returned/);
    expect(() => raw.deliverResults(handle)).toThrow(/job: expected what startFit returned/);
  });

  it.each([
    ['that fall', [0, 16, 8, 320]], ['that end beyond y', [0, 16, 32, 321]], ['near 2^32', [0,
      4294967295, 4294967295, 4294967295]],
  ])('offsets %s', (_, list) => {
    const ragged = [...args] as unknown[];
    ragged[position.numbers] = makeNumbers({ ...curves, fits: 3, points: 0 }, { 2: 0 });
    ragged[position.offsets] = Uint32Array.from(list);
    const small = makeOutputs({ ...curves, fits: 3, points: 0 });
    Object.entries({ ...small, residuals: new Float64Array(320) }).forEach(([name, array]) => {
      ragged[position[name as keyof typeof position]] = array;
    });
    ragged[position.x] = new Float64Array(320);
    expect(() => raw.fit(...ragged)).toThrow(/offsets/);
    expect(() => raw.startFit(() => {}, ...ragged)).toThrow(/offsets/);
  });

  it('a callback that is none', () => {
    for (const value of [null, {}, 'f', 1, undefined])
      expect(() => raw.startFit(value, ...args)).toThrow(/onDone: expected a function/);
  });
});

describe('createProgram refuses', () => {
  it.each([
    ['nothing', [], /words: expected a Int32Array/], ['words of another type',
      [new Uint32Array(words), program.constants], /words/],
    ['no words', [new Int32Array(0), program.constants], /program: shorter than its header/],
    ['missing constants', [words, new Float64Array(0)], /number of constants/],
    ['detached constants', [words, detached(1)], /number of constants/],
    ['a hundred million words', [new Int32Array(1e8), program.constants], /program: too long/],
  ])('%s', (_, list, message) => {
    expect(() => raw.createProgram(...list)).toThrow(message);
  });

  it('any word that makes the program unsafe; what it accepts can be run', () => {
    const word = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 80 }), fc.integer({ min: 0,
      max: 25 }));
    const changes = fc.array(fc.tuple(fc.nat(words.length - 1), word), { minLength: 1,
      maxLength: 3 });
    let accepted = 0;
    fc.assert(fc.property(
      changes,
      (list) => {
        const changed = Int32Array.from(words);
        for (const [at, value] of list) changed[at] = value;
        let made: ProgramHandle;
        try {
          made = addon.createProgram(changed, program.constants);
        } catch (error) {
          return (error as { code: string }).code === 'ERR_PROGRAM';
        }
        const [, predictors, params] = changed as unknown as number[];
        const columns = changed[11]!;
        const x = Array.from({ length: predictors! }, () => new Float64Array(9));
        addon.evaluate(made, 9, new Float64Array(params!), new Float64Array(9),
          new Float64Array(9 * columns), ...x);
        accepted++;
        return true;
      },
    ), { numRuns: 5000, seed: 1 });
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('evaluate, apply, setTarget, cancelJob refuse', () => {
  const value = new Float64Array(4);
  it.each([
    ['a missing predictor', () => raw.evaluate(handle, 4, start, value, null),
      /expected 1 arrays of predictors, got 0/],
    ['a short predictor', () => raw.evaluate(handle, 4, start, value, null, new Float64Array(3)),
      /x: expected 4 values/],
    ['short params', () => raw.evaluate(handle, 4, new Float64Array(2), value, null, value),
      /params: expected 3/],
    ['a short jacobian', () => raw.evaluate(handle, 4, start, value, new Float64Array(4),
      floats(4)), /jacobian: expected 12/],
    ['values over x', () => raw.evaluate(handle, 4, start, value, null, value), /shares memory/],
    ['2^40 points', () => raw.evaluate(handle, 2 ** 40, start, value, null, value), /points/],
    ['points in words', () => raw.evaluate(handle, '4', start, value, null, value),
      /points: expected a number/],
    ['an operation that does not exist', () => raw.apply(ops.length, 0, value, value, value,
      value), /op: expected/],
    ['a missing operand', () => raw.apply(0, 0, value, value, null, null),
      /operand: expected a Float64Array/],
    ['a short operand', () => raw.apply(0, 0, value, value, floats(3), null),
      /operand: expected 4 values/],
    ['an unknown instruction set', () => raw.setTarget('mmx'), /instruction set/],
    ['a very long name', () => raw.setTarget('avx2'.repeat(1000)), /instruction set/],
    ['a target that is no name', () => raw.setTarget(2), /target: expected a string/],
    ['no job', () => raw.cancelJob(), /job: expected/],
  ] as [string, () => unknown, RegExp][])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('whatever the arguments', () => {
  const anything = fc.oneof(
    fc.constantFrom<unknown>(
      handle, new Proxy(handle, {}), null, undefined, curves.x, curves.y, start, words,
        program.constants,
      floats(16, true), floats(320, true), detached(320), cut(320), new Liar(320),
        new Float32Array(320), new Uint32Array(21),
      new Proxy(curves.y, {}), Object.create(Float64Array.prototype),
        new DataView(new ArrayBuffer(64)), new BigInt64Array(20),
      new Uint8Array(20), new Uint16Array(20), new Float64Array(60), new Float64Array(180),
        new Float64Array(20),
      { length: 320 }, () => 0, Symbol('s'), 10n, new Float64Array(resizableBuffer(160, 640)),
    ),
    fc.double(), fc.integer(), fc.string(), fc.boolean(),
    fc.float64Array({ maxLength: 40 }), fc.uint32Array({ maxLength: 30 }),
  );
  const names = Object.keys(addon).filter((name) => name !== 'setTarget') as (keyof Addon)[];

  let results = 0, errors = 0;
  const attempt = (name: keyof Addon, list: unknown[]): boolean => {
    try {
      raw[name](...list);
      results++;
      return true;
    } catch (error) {
      errors++;
      return typeof (error as { code?: unknown }).code === 'string';
    }
  };

  it('any function answers with a result or an error', () => {
    fc.assert(fc.property(fc.constantFrom(...names), fc.array(anything, { maxLength: 18 }),
      attempt), { numRuns: 20000, seed: 2 });
    expect(results + errors).toBe(20000);
  });

  it('fit answers to a right call with a few arguments or numbers changed', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, 2, 16, 20, -1, NaN, Infinity,
      2 ** 31, 2 ** 53), fc.nat(400));
    fc.assert(fc.property(
      fc.array(fc.tuple(fc.nat(15), anything), { maxLength: 3 }), fc.array(fc.tuple(fc.nat(14),
        number), { maxLength: 3 }),
      fc.boolean(),
      (changes, numberChanges, isSync) => {
        const list: unknown[] = makeArguments(handle, curves, makeOutputs(curves));
        list[position.numbers] = makeNumbers(curves, Object.fromEntries(numberChanges));
        for (const [at, value] of changes) list[at] = value;
        return isSync ? attempt('fit', list) : attempt('startFit', [() => {}, ...list]);
      },
    ), { numRuns: 10000, seed: 3 });
    expect(results).toBeGreaterThan(1000);
    expect(errors).toBeGreaterThan(1000);
  });
});
