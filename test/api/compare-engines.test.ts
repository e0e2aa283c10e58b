import { expect, it } from 'vitest';
import { compareEngines, curveFit, curveFitBatchSync, engineInfo, expr, type EngineName } from '../../src/index.ts';
import { decays } from './data.ts';

const { x, y } = decays(40);
const model = expr('a*exp(-k*x) + c');

it('finds the same bits on every engine, for every kind of result', async () => {
  const { rows, table } = await compareEngines(
    (engine) => {
      const batch = curveFitBatchSync({ model, x, y, engine, outputs: ['stdErr', 'covariance', 'r2', 'residuals'], threads: 1 });
      const fit = curveFit({ model, x, y: y.slice(0, x.length), engine });
      return { batch, fit, list: [fit.values, batch.column('k')], by: new Map([['a', fit.stats]]) };
    },
    { repeats: 3 },
  );
  expect(rows.map(({ engine }) => engine)).toContain(engineInfo().name);
  expect(rows[0]!.engine).toBe('portable');
  for (const row of rows) {
    expect(row.sameBits).toBe(true);
    expect(row.medianMs).toBeGreaterThan(0);
    expect(row.iqrMs).toBeGreaterThanOrEqual(0);
    expect(table).toContain(row.engine);
  }
  expect(rows[0]!.speedup).toBe(1);
});

it.each<[string, (engine: EngineName, call: number) => unknown]>([
  ['a number', (_, call) => call],
  ['minus zero', (_, call) => (call === 0 ? 0 : -0)],
  ['a typed array', (_, call) => Float64Array.of(1, call)],
  ['the length of an array', (_, call) => new Array(call + 1).fill(1)],
  ['the type of an array', (_, call) => (call === 0 ? new Float64Array(1) : new Float32Array(1))],
  ['a nested member', (_, call) => ({ a: [{ b: call }] })],
  ['a missing member', (_, call) => (call === 0 ? { a: 1, b: undefined } : { a: 1, c: undefined })],
])('sees that %s differs', async (_, run) => {
  let call = 0;
  const { rows } = await compareEngines((engine) => run(engine, call++), { repeats: 2, warmup: 0 });
  expect(rows[0]!.sameBits).toBe(false);
});

it('counts NaN as equal, waits for promises and hands over what the work throws', async () => {
  const { rows } = await compareEngines(async () => [NaN, { x: NaN }], { repeats: 1, warmup: 0 });
  expect(rows.every(({ sameBits }) => sameBits)).toBe(true);
  const error = new Error('mine');
  await expect(compareEngines(() => { throw error; })).rejects.toBe(error);
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  await expect(compareEngines(() => ({ ...loop, loop }), { repeats: 1 })).resolves.toBeDefined();
});
