// A model that may not be called outside of its bounds: whatever runs it, it is not.

import { describe, expect, it } from 'vitest';
import {
  curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, globalFit, leastSquares, model, type CurveFitOptions, type Model,
} from '../../src/index.ts';
import { decays, noise } from './data.ts';

const { x, y } = decays(1);
const next = noise(5);
const counts = Float64Array.from(x, (t) => Math.round(40 * Math.exp(-1.2 * t) + 3 + next()));
const room = { a: [0.5, 4.2], k: [0.3, 0.9], c: [0, 0.4] } as const;
type Name = keyof typeof room;
const names = Object.keys(room) as Name[];
const specs = (scale: number): Record<Name, { value: number; min: number; max: number }> => ({
  a: { value: 3 * scale, min: room.a[0] * scale, max: room.a[1] * scale },
  k: { value: room.k[1], min: room.k[0], max: room.k[1] },
  c: { value: room.c[0], min: room.c[0], max: room.c[1] * scale },
});

interface Watch {
  calls: number;
  outside: string[];
}

/** A callback that writes down every call outside of the bounds. */
function watched(scale = 1): { decay: Model<Name>; watch: Watch } {
  const watch: Watch = { calls: 0, outside: [] };
  const decay = model(names, (t: number, p) => {
    watch.calls++;
    for (const name of names) {
      const [low, high] = room[name], unit = name === 'k' ? 1 : scale;
      if (!(p[name] >= low * unit && p[name] <= high * unit)) watch.outside.push(`${name} = ${p[name]}`);
    }
    return p.a * Math.exp(-p.k * t) + p.c;
  });
  return { decay, watch };
}

const variants: [string, Partial<CurveFitOptions>][] = [
  ...(['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const).map((method): [string, Partial<CurveFitOptions>] => [method, { method }]),
  ...(['soft_l1', 'huber', 'cauchy', 'arctan', 'tukey', 'welsch'] as const).map((loss): [string, Partial<CurveFitOptions>] => [loss, { loss, lossScale: 0.1 }]),
  ['a scale by MAD', { loss: 'huber', lossScale: 'mad' }],
  ['central differences', { jac: '3-point' }],
  ['geodesic acceleration', { geodesicAcceleration: true }],
  ['many starts', { starts: 12 }],
  ['starts until they agree', { starts: 'auto' }],
  ['a trace', { trace: true }],
  ['a trace with trf and central differences', { trace: true, method: 'trf', jac: '3-point' }],
  ['a trace with dogbox', { trace: true, method: 'dogbox' }],
  ['scales given', { xScale: [1, 10, 0.1] }],
  ['no polish', { polish: false }],
];

describe('a model that knows its bounds is never called outside', () => {
  it.each(variants)('with %s', async (_, options) => {
    for (const isLater of [false, true]) {
      const { decay, watch } = watched();
      const given = { x, y, model: decay, params: specs(1), ...options } as CurveFitOptions & { model: Model<Name> };
      const fit = isLater ? await curveFitAsync(given) : curveFit(given);
      expect(watch.outside).toEqual([]);
      expect(watch.calls).toBeGreaterThan(x.length);
      expect(fit.stats.n).toBe(x.length);
    }
  });

  it('with counts', () => {
    const { decay, watch } = watched(10);
    const fit = curveFit({ x, y: counts, model: decay, params: specs(10), estimator: 'poisson' });
    expect(watch.outside).toEqual([]);
    expect(fit.params.k.atBound).toBe('upper');
  });

  it('by intervals, bands, the bootstrap and the diagnosis', async () => {
    const { decay, watch } = watched();
    // The last parameter is inside, the others are at bounds or close.
    const fit = curveFit({ x, y, model: decay, params: specs(1) });
    fit.confidenceIntervals(0.999, 'profile');
    fit.confidenceBand(x);
    fit.predictionBand(x);
    fit.diagnose();
    fit.report();
    await fit.bootstrap({ samples: 20, kind: 'residual' });
    await fit.bootstrap({ samples: 20, kind: 'case' });
    expect(watch.outside).toEqual([]);
  });

  it('in batches, with starts on bounds', async () => {
    const ys = new Float64Array(5 * x.length), random = noise(3);
    for (let i = 0; i < ys.length; i++) ys[i] = y[i % x.length]! + 0.3 * random();
    const init = Float64Array.from({ length: 15 }, (_, i) => [room.a[1], room.k[0], room.c[i % 2]!][i % 3]!);
    for (const jac of ['2-point', '3-point'] as const)
      for (const loss of ['linear', 'cauchy'] as const) {
        const { decay, watch } = watched();
        const options = { x, y: ys, model: decay, params: specs(1), init, jac, loss, lossScale: 0.2 };
        const batch = curveFitBatchSync(options);
        const later = await curveFitBatch(options);
        expect([...later.params]).toEqual([...batch.params]);
        expect(watch.outside).toEqual([]);
        expect(batch.converged).toBe(5);
      }
  });

  it('by a global fit', () => {
    const { decay, watch } = watched();
    const fit = globalFit({ model: decay, data: [{ x, y }, { x, y: y.map((v) => 0.7 * v) }], shared: ['k'], params: specs(1) });
    expect(fit.success).toBe(true);
    expect(watch.outside).toEqual([]);
  });

  it.each(['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const)('by leastSquares with %s', (method) => {
    for (const jac of ['2-point', '3-point'] as const) {
      const outside: number[][] = [];
      const low = names.map((name) => room[name][0]), high = names.map((name) => room[name][1]);
      const fit = leastSquares((p: Float64Array) => {
        if (names.some((_, j) => !(p[j]! >= low[j]! && p[j]! <= high[j]!))) outside.push([...p]);
        return Array.from(x, (t, i) => p[0]! * Math.exp(-p[1]! * t) + p[2]! - y[i]!);
      }, [4.2, 0.3, 0], { bounds: { lower: low, upper: high }, method, jac });
      expect(outside).toEqual([]);
      expect(fit.success).toBe(true);
    }
  });
});
