// The examples in the docstrings of the public API, run as they stand.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import * as nadir from '../../src/index.ts';

const folder = new URL('../../src/api/', import.meta.url);
const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<unknown>;

const examples = readdirSync(folder).flatMap((file) => {
  const source = readFileSync(new URL(file, folder), 'utf8');
  return [...source.matchAll(/\* @example\n([\s\S]*?)\n \*\//g)].map((match, i) => ({
    name: `${file} ${i + 1}`,
    code: match[1]!.replaceAll(/^ \* ?/gm, ''),
  }));
});

describe('examples', () => {
  it('are there', () => expect(examples.length).toBeGreaterThanOrEqual(7));

  it.each(examples)('$name runs', async ({ code }) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      const run = new AsyncFunction(...Object.keys(nadir), code);
      await run(...Object.values(nadir));
    } finally {
      log.mockRestore();
    }
  });
});
