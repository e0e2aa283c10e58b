// The raw add-on called directly and wrongly: each mistake is answered with a JavaScript error that
// names the argument, and nothing is written.

import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  numberFieldCount, numberFields, type Addon, type FitArguments, type ProgramHandle,
} from '../../src/engine/addon.ts';
import { ops } from '../../src/model/ops.ts';
import {
  argumentNames, floats, lossSums, makeArguments, makeCurves, makeNumbers, makeOutputs, openAddon,
  position, program, resizableBuffer, start, sumsWidth, words,
  type ArgumentName, type Filled, type NumberField,
} from './fixtures.ts';

const { addon } = openAddon();
const raw = addon as unknown as Record<keyof Addon, (...args: unknown[]) => unknown>;
const handle = addon.createProgram(words, program.constants);
const curves = makeCurves(20, 16);
let outputs: Filled;
let args: FitArguments;
beforeEach(() => {
  outputs = makeOutputs(curves);
  args = makeArguments(handle, curves, outputs);
});

/** The arguments with some of them replaced. */
function withArguments(changes: Partial<Record<ArgumentName, unknown>>): unknown[] {
  return args.map((argument, i) => {
    const name = argumentNames[i]!;
    return name in changes ? changes[name] : argument;
  });
}

function having(name: ArgumentName, value: unknown): unknown[] {
  return withArguments({ [name]: value });
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
    ['no arguments', () => [], /at least 19 arguments, got 0/],
    ['no predictor', () => args.slice(0, position.x), /expected 1 arrays of predictors, got 0/],
    ['one predictor too many', () => [...args, curves.x], /expected 1 arrays of predictors, got 2/],
    ['a hundred predictors', () => [...args, ...Array.from({ length: 100 }, () => curves.x)],
      /arguments, got 12[01]/],
    ['a short record of numbers', () => having('numbers', new Float64Array(numberFieldCount - 1)),
      new RegExp(`numbers: expected ${numberFieldCount} values`)],
    ['a record of other numbers', () => having('numbers', new Float32Array(numberFieldCount)),
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
    ['short sums', () => having('sums', new Float64Array(199)), /sums: expected 200 values, got 199/],
    ['sums of a loss without one', () => having('sums', new Float64Array(20 * (sumsWidth + lossSums))),
      /sums: expected 200 values, got 260/],
    ['sums of single precision', () => having('sums', new Float32Array(200)),
      /sums: expected a Float64Array/],
    ['sums over results', () => having('sums', new Float64Array(outputs.residuals.buffer, 0, 200)),
      /residuals: shares memory with sums/],
    ['lower bounds alone', () => having('lower', floats(3)), /lower: expected together with upper/],
    ['upper bounds alone', () => having('upper', floats(3)), /lower: expected together with upper/],
    ['short lower bounds', () => withArguments({ lower: floats(2), upper: floats(3) }),
      /lower: expected 3 values, got 2/],
    ['upper bounds for every fit', () => withArguments({ lower: floats(3), upper: floats(60) }),
      /upper: expected 3 values, got 60/],
    ['bounds of single precision', () =>
      withArguments({ lower: new Float32Array(3), upper: floats(3) }),
      /lower: expected a Float64Array/],
    ['detached lower bounds', () => withArguments({ lower: detached(3), upper: floats(3) }),
      /lower: expected 3 values, got 0/],
    ['detached upper bounds', () => withArguments({ lower: floats(3), upper: detached(3) }),
      /upper: expected 3 values, got 0/],
    ['a short xScale', () => having('xScale', floats(2)), /xScale: expected 3 values, got 2/],
    ['a detached xScale', () => having('xScale', detached(3)), /xScale: expected 3 values, got 0/],
    ['two scales of the loss for twenty fits', () => having('lossScale', floats(2)),
      /lossScale: expected 1 value or 20, got 2/],
    ['a detached lossScale', () => having('lossScale', detached(20)),
      /lossScale: expected 1 value or 20, got 0/],
    ['a lossScale that is a number', () => having('lossScale', 1),
      /lossScale: expected a Float64Array/],
    ['results over bounds', () =>
      withArguments({ lower: outputs.params.subarray(3, 6), upper: floats(3) }),
      /params: shares memory with lower/],
    ['results over scales of the loss', () => having('lossScale', outputs.ssr),
      /ssr: shares memory with lossScale/],
    ['a shared y that is longer than one curve', () =>
      having('numbers', makeNumbers(curves, { yShared: 1, sigmaShared: 1 })),
      /y: expected 16 values, got 320/],
    ['a shared y with x of its own for every fit', () => withArguments({
      numbers: makeNumbers(curves, { yShared: 1, sigmaShared: 1, xShared: 0 }), y: floats(16),
    }), /y: shared by all fits, x and sigma must be shared too/],
    ['a shared y with sigma of its own for every fit', () => withArguments({
      numbers: makeNumbers(curves, { yShared: 1 }), y: floats(16), sigma: floats(320),
    }), /y: shared by all fits, x and sigma must be shared too/],
    ['a shared y that offsets cut', () => withArguments({
      numbers: makeNumbers(curves, { yShared: 1, sigmaShared: 1, xShared: 0, points: 0 }),
      offsets: new Uint32Array(21),
    }), /y: shared by all fits, x and sigma must be shared too/],
    ['residuals of one curve for a shared y', () => withArguments({
      numbers: makeNumbers(curves, { yShared: 1, sigmaShared: 1 }), y: floats(16),
      residuals: floats(16),
    }), /residuals: expected 320 values, got 16/],
    ['sums without those of the loss', () =>
      having('numbers', makeNumbers(curves, { loss: 2 })), /sums: expected 260 values, got 200/],
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

  const numbers: [string, NumberField, number, RegExp][] = [
    ['negative fits', 'fits', -1, /fits/], ['half a fit', 'fits', 1.5, /fits/],
    ['NaN fits', 'fits', NaN, /fits/], ['endless fits', 'fits', Infinity, /fits/],
    ['2^53 fits', 'fits', 2 ** 53, /fits/],
    ['fits whose product wraps in 32 bits', 'fits', 2 ** 32 + 20, /too many|expected \d+ values/],
    ['fits and points whose product wraps in 64 bits', 'fits', 2 ** 52,
      /too many|expected \d+ values/],
    ['points beyond the data', 'points', 17, /expected 340 values/],
    ['points of 2^50', 'points', 2 ** 50, /too many|values/],
    ['negative points', 'points', -16, /points/],
    ['2^31 iterations', 'maxIter', 2 ** 31, /maxIter/],
    ['a method beyond the list', 'method', 5, /method/],
    ['a negative method', 'method', -1, /method/], ['half a method', 'method', 0.5, /method/],
    ['a loss beyond the list', 'loss', 8, /loss/], ['a negative loss', 'loss', -1, /loss/],
    ['a NaN loss', 'loss', NaN, /loss/],
    ['a fraction of a thread', 'threads', 0.5, /threads/],
    ['a million threads', 'threads', 1e6, /threads/],
    ['a negative time', 'maxSeconds', -1, /maxSeconds/],
    ['NaN seconds', 'maxSeconds', NaN, /maxSeconds/],
  ];
  const flags: NumberField[] = ['xShared', 'sigmaShared', 'initShared', 'fused', 'yShared',
    'polish', 'careful', 'geodesic', 'pseudoInverse'];
  for (const flag of flags)
    for (const value of [2, -1, 0.5, NaN])
      numbers.push([`${value} for the flag ${flag}`, flag, value,
        new RegExp(`^${flag}: expected 0 or 1`)]);
  it.each(numbers)('a record with %s', (_, name, value, message) => {
    const list = having('numbers', makeNumbers(curves, { [name]: value }));
    expect(() => raw.fit(...list)).toThrow(message);
    expect(() => raw.startFit(() => {}, ...list)).toThrow(message);
  });

  it.each(argumentNames)('something else for %s, by its name', (name) => {
    const list = name === 'lower' || name === 'upper'
      ? withArguments({ lower: floats(3), upper: floats(3), [name]: {} }) : having(name, {});
    expect(() => raw.fit(...list)).toThrow(new RegExp(`^${name}: expected`));
    expect(() => raw.startFit(() => {}, ...list)).toThrow(new RegExp(`^${name}: expected`));
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
    ragged[position.numbers] = makeNumbers({ ...curves, fits: 3, points: 0 }, { xShared: 0 });
    ragged[position.offsets] = Uint32Array.from(list);
    const small = makeOutputs({ ...curves, fits: 3, points: 0 });
    Object.entries({ ...small, residuals: new Float64Array(320) }).forEach(([name, array]) => {
      ragged[position[name as ArgumentName]] = array;
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
    fc.assert(fc.property(fc.constantFrom(...names), fc.array(anything, { maxLength: 24 }),
      attempt), { numRuns: 20000, seed: 2 });
    expect(results + errors).toBe(20000);
  });

  it('fit answers to a right call with a few arguments or numbers changed', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, 2, 16, 20, -1, NaN, Infinity,
      2 ** 31, 2 ** 53), fc.nat(400));
    const fields = fc.constantFrom(...Object.keys(numberFields) as NumberField[]);
    const bounds = fc.float64Array({ minLength: 3, maxLength: 3 });
    const scale = fc.float64Array({ minLength: 1, maxLength: 1 });
    fc.assert(fc.property(
      fc.array(fc.tuple(fc.nat(position.x + 1), anything), { maxLength: 3 }),
      fc.array(fc.tuple(fields, number), { maxLength: 3 }),
      fc.option(fc.tuple(bounds, bounds)), fc.option(scale), fc.nat(7), fc.boolean(), fc.boolean(),
      (changes, numberChanges, box, lossScale, loss, yShared, isSync) => {
        const width = sumsWidth + (loss > 0 ? lossSums : 0);
        const list: unknown[] = makeArguments(handle, curves, makeOutputs(curves, false, width));
        const shared = yShared ? { yShared: 1, sigmaShared: 1 } : {};
        list[position.numbers] =
          makeNumbers(curves, { loss, ...shared, ...Object.fromEntries(numberChanges) });
        if (yShared) list[position.y] = curves.y.subarray(0, curves.points);
        [list[position.lower], list[position.upper]] = box ?? [null, null];
        list[position.lossScale] = lossScale;
        for (const [at, value] of changes) list[at] = value;
        return isSync ? attempt('fit', list) : attempt('startFit', [() => {}, ...list]);
      },
    ), { numRuns: 10000, seed: 3 });
    expect(results).toBeGreaterThan(1000);
    expect(errors).toBeGreaterThan(1000);
  });
});
