// Threads of the add-on never outlive what they work for: workers and processes that end in the
// middle of fits, in every way there is. Each runs in a process of its own, whose end is judged.

import { describe, expect, it } from 'vitest';
import { runChild } from './fixtures.ts';

describe('workers that end in the middle of fits', () => {
  it.each([
    ['are terminated during asynchronous fits', 'terminate', 50],
    ['are terminated during synchronous fits', 'sync', 20],
    ['call process.exit', 'exit', 20],
    ['die of an exception', 'throw', 20],
  ])('%s: the process lives on', async (_, way, rounds) => {
    const ended = await runChild('end-workers.mjs', way, String(rounds));
    expect(ended).toEqual({ code: 0, signal: null, output: 'survived\n' });
  });

  it('share nothing: the same fits give the same bits in three environments at once', async () => {
    const ended = await runChild('two-environments.mjs');
    expect(ended).toEqual({ code: 0, signal: null, output: 'same bits\n' });
  });
});

describe('a process that ends in the middle of fits', () => {
  it.each([0, 1, 2, 5, 11, 23, 47, 60])('by process.exit after %i ms: with the code it was given',
    async (delay) => {
    const ended = await runChild('end-process.mjs', 'exit', String(delay));
    expect(ended).toEqual({ code: 7, signal: null, output: '' });
  });

  it('by an exception: with code 1 and its message', async () => {
    const ended = await runChild('end-process.mjs', 'throw', '20');
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.output).toContain('on purpose');
  });

  it('is kept alive by a pending job, and by nothing after it', async () => {
    const ended = await runChild('end-process.mjs', 'pending', '0');
    expect(ended).toEqual({ code: 0, signal: null, output: 'done 2000\n' });
  });
});

describe('memory', () => {
  const mostGrowth = 5 * 2 ** 20;
  it.each([
    ['100,000 synchronous fits', 'sync', 50000],
    ['100,000 programs', 'program', 50000],
    ['20,000 asynchronous fits', 'async', 10000],
    ['20,000 cancelled fits', 'cancelled', 10000],
  ])('%s leave resident memory as it was', async (_, way, rounds) => {
    const ended = await runChild('memory.mjs', way, String(rounds));
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(Number(ended.output)).toBeLessThan(mostGrowth);
  });
});
