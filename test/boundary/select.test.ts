// The choice of an engine by name and by environment, and what is said about it.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadAddonFrom, type Loaded } from '../../src/engine/addon.ts';
import { binaryPath, nativeEngine, whyNotNative } from '../../src/engine/native.ts';
import { portableEngine } from '../../src/engine/portable.ts';
import { engineInfo, selectEngine, setThreads, threads } from '../../src/engine/select.ts';
import { version } from '../../src/engine/version.ts';

const asked = process.env['NADIR_ENGINE'];
afterEach(() => {
  process.env['NADIR_ENGINE'] = asked;
});

describe('the engine', () => {
  it('is native where its binary loads', () => {
    delete process.env['NADIR_ENGINE'];
    expect(selectEngine('auto')).toBe(nativeEngine());
    expect(whyNotNative()).toBeUndefined();
    expect(existsSync(binaryPath()!)).toBe(true);
  });

  it('is what the environment says, unless one is named', () => {
    process.env['NADIR_ENGINE'] = 'portable';
    expect(selectEngine('auto')).toBe(portableEngine);
    expect(selectEngine('native')).toBe(nativeEngine());
    expect(engineInfo()).toMatchObject({ name: 'portable', simd: 'none',
      whyNotNative: 'NADIR_ENGINE is portable' });
    process.env['NADIR_ENGINE'] = 'native';
    expect(selectEngine('auto')).toBe(nativeEngine());
    expect(selectEngine('portable')).toBe(portableEngine);
  });

  it('is refused when the environment names one that does not exist', () => {
    process.env['NADIR_ENGINE'] = 'fast';
    expect(() =>
      selectEngine('auto')).toThrow(/NADIR_ENGINE: expected auto, native or portable, got "fast"/);
  });
});

describe('threads', () => {
  it.each([0, -1, 1.5, NaN, Infinity, 1025, '2', null])('%s are refused', (n) => {
    expect(() => setThreads(n as number)).toThrow(/setThreads: expected an integer from 1 to 1024/);
  });

  it('are as many as was said last', () => {
    expect(threads()).toBeGreaterThan(0);
    setThreads(3);
    expect(threads()).toBe(3);
    expect(engineInfo().threads).toBe(3);
  });
});

describe('a binary', () => {
  /** A package of its own, with this as its binary. */
  function packageWith(binary: Buffer | undefined): Loaded {
    const root = mkdtempSync(join(tmpdir(), 'nadir-'));
    try {
      writeFileSync(join(root, 'package.json'), '{ "name": "nadir" }');
      mkdirSync(join(root, 'build/Release'), { recursive: true });
      if (binary !== undefined) writeFileSync(join(root, 'build/Release/nadir.node'), binary);
      return loadAddonFrom(root);
    } finally {
      rmSync(root, { recursive: true });
    }
  }
  const whole = readFileSync(binaryPath()!);

  it('may be loaded once more from another place', () => {
    const copy = packageWith(whole);
    expect('addon' in copy && copy.addon.info().simd).toBe(engineInfo().simd);
  });

  it.each([
    ['that is not there', undefined],
    ['that is empty', Buffer.alloc(0)],
    ['that is cut within its header', whole.subarray(0, 50)],
    ['that is cut after a page', whole.subarray(0, 4096)],
    ['that is cut in the middle', whole.subarray(0, whole.length >> 1)],
    ['that lacks its last byte', whole.subarray(0, whole.length - 1)],
    ['that is something else', Buffer.from('not a library '.repeat(100))],
  ])('%s is a reason, not a crash', (_, binary) => {
    const reason = /^the binary (is cut short|could not be loaded): ./;
    expect(packageWith(binary)).toEqual({ fault: expect.stringMatching(reason) });
  });
});

it('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url),
    'utf8')) as { version: string };
  expect(version).toBe(manifest.version);
  expect(engineInfo().version).toBe(manifest.version);
});
