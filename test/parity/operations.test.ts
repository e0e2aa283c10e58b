// Every operation of the op table gives the same bits on the portable engine and on every
// instruction set, whatever stands in the lanes beside it.
import { afterAll, describe, expect, it } from 'vitest';
import { loadAddon, type Addon } from '../../src/engine/addon.ts';
import { ops } from '../../src/model/ops.ts';
import { table } from '../../src/portable/program/ops.ts';
import { doubles, firstDifference } from './bits.ts';

const loaded = loadAddon();
if (!('addon' in loaded)) throw new Error(loaded.fault);
const addon: Addon = loaded.addon;
const { simd, targets } = addon.info();
afterAll(() => addon.setTarget(simd));

const count = 40_001;

describe.each(targets)('operations on %s', (target) => {
  it.each(ops.map((op, code) => ({ name: op.name, arity: op.arity, code })))('$name', ({ name, arity, code }) => {
    addon.setTarget(target);
    expect(addon.info().simd).toBe(target);
    const operands = [1, 2, 3].map((seed) => doubles(count, 1000 * code + seed)) as [Float64Array, Float64Array, Float64Array];
    // Comparisons and conditions are dull unless operands are sometimes equal.
    for (let i = 0; i < count; i += 5) operands[1][i] = operands[0][i]!;
    const native = new Float64Array(count);
    addon.apply(code, 0, native, operands[0], arity > 1 ? operands[1] : null, arity > 2 ? operands[2] : null);
    const { evaluate } = table[name];
    const portable = native.map((_, i) => evaluate(operands[0][i]!, operands[1][i]!, operands[2][i]!));
    const difference = firstDifference(native, portable);
    const at = difference === null ? 0 : Number(/element (\d+)/.exec(difference)![1]);
    expect(difference, `operands ${operands.map((operand) => operand[at])}`).toBeNull();
  });
});
