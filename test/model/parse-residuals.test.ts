// Functions of residuals as expressions: what is read, what is refused, and why.

import { describe, expect, it } from 'vitest';
import { parseResiduals } from '../../src/model/parse-residuals.ts';

function read(fn: Function, n: number, count: number | null = null): { expressions: string[]; variables: number[][] } {
  const parse = parseResiduals(fn, n, count);
  if (!parse.ok) throw new Error(parse.reason);
  return {
    expressions: parse.residuals.map(({ model }) => model.expression),
    variables: parse.residuals.map(({ variables }) => [...variables]),
  };
}

describe('a function of residuals', () => {
  it('may return an array, each residual with the variables it contains', () => {
    const { variables } = read((x: number[]) => [x[0]! - x[2]!, 3, Math.exp(x[1]!)], 3);
    expect(variables).toEqual([[0, 2], [], [1]]);
  });

  it('may return an array that it has filled with names first', () => {
    const { expressions } = read((x: number[]) => {
      const a = x[0]! * 2;
      const r = [a, a + x[1]!];
      return r;
    }, 2);
    expect(expressions).toHaveLength(2);
  });

  it('may write to its second argument, in loops, again, and on every path', () => {
    const { variables } = read((x: number[], out: number[]) => {
      for (let i = 0; i < out.length; i++) out[i] = x[i]!;
      out[0]! *= 2;
      if (x[1]! > 0) out[1] = x[0]!;
      else out[1] = -x[0]!;
    }, 3, 3);
    expect(variables).toEqual([[0], [0, 1], [2]]);
  });

  const outer = [1, 2];
  const refused: [what: string, fn: Function, count: number | null, reason: RegExp][] = [
    ['captures data', (x: number[]) => outer.map((y) => y - x[0]!), null, /captures `outer`/],
    ['does not set a residual', (x: number[], out: number[]) => { out[0] = x[0]!; }, 2, /residual 1 is not a number on every path/],
    ['sets a residual on one path', (x: number[], out: number[]) => { if (x[0]! > 0) out[0] = 1; }, 1, /residual 0 is not a number/],
    ['writes outside', (x: number[], out: number[]) => { out[2] = x[0]!; }, 2, /`2` is no index of the residuals, 0 to 1/],
    ['writes to x', (x: number[]) => { x[0] = 1; return [x[0]]; }, null, /only variables of the function may be assigned/],
    ['reads a variable that is not there', (x: number[]) => [x[2]!], null, /`2` is not one of the variables/],
    ['returns a number', (x: number[]) => x[0]!, null, /does not return an array/],
    ['is asynchronous', async (x: number[]) => [x[0]!], null, /async/],
    ['has too many residuals', (_: number[], out: number[]) => { for (let i = 0; i < 2000; i++) out[i] = 1; }, 2000, /more than 1000 residuals/],
  ];
  it.each(refused)('is refused where it %s', (_, fn, count, reason) => {
    const parse = parseResiduals(fn, 2, count);
    expect(parse.ok ? '' : parse.reason).toMatch(reason);
  });
});
