// Many starts, shared parameters and streams give the same bits on both engines.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitStream, globalFit, type EngineName } from '../../src/index.ts';
import { decays } from '../api/data.ts';

const sets = 40;
const { x, y } = decays(sets);
const m = x.length;
const model = (t: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * t) + p.c;
const params = { a: 3, k: { value: 0.5, min: 0, max: 1.2 }, c: 0 };
const both = <T>(run: (engine: EngineName) => T): [T, T] => [run('native'), run('portable')];

describe('both engines agree to the last bit', () => {
  it('on many starts', () => {
    for (const starts of [24, 'auto'] as const) {
      const [native, portable] = both((engine) =>
        curveFit({ x, y: y.slice(0, m), model, params, starts, engine }),
      );
      expect([native.engine, portable.engine]).toEqual(['native', 'portable']);
      expect(native.values).toEqual(portable.values);
      expect(native.starts).toEqual(portable.starts);
      expect(native.nIter).toBe(portable.nIter);
    }
  });

  it('on shared parameters, sets alike and of different lengths, with a loss', () => {
    for (const cut of [0, 5])
      for (const loss of ['linear', 'cauchy'] as const) {
        const data = Array.from({ length: sets }, (_, i) => {
          const points = m - (i % (cut + 1));
          return { x: x.slice(0, points), y: y.slice(i * m, i * m + points) };
        });
        const [native, portable] = both((engine) =>
          globalFit({ data, model, params, shared: ['k'], loss, lossScale: 0.05, engine }),
        );
        expect([native.engine, portable.engine]).toEqual(['native', 'portable']);
        expect(native.values).toEqual(portable.values);
        expect(native.local).toEqual(portable.local);
        expect(native.stats).toEqual(portable.stats);
        expect(native.nEval).toBe(portable.nEval);
      }
  });

  it('on streams', async () => {
    const found = await Promise.all(
      both(async (engine) => {
        const all: number[] = [];
        for await (const batch of curveFitStream([y], { x, model, params, chunk: 7, engine }))
          all.push(...batch.params);
        return all;
      }),
    );
    expect(found[0]).toEqual(found[1]);
    expect(found[0]).toHaveLength(3 * sets);
  });
});
