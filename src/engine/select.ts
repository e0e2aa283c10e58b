// The choice of an engine, made once and explained: NADIR_ENGINE=portable|native|auto is what
// 'auto' means when nothing is asked for by name. Both engines give the same bits.

import { nativeEngine, whyNotNative } from '#engine';
import { EngineError } from './engine-error.ts';
import type { Engine, EngineName, Simd } from './engine.ts';
import { portableEngine } from './portable.ts';
import { version } from './version.ts';

export interface EngineInfo {
  name: EngineName;
  simd: Simd;
  threads: number;
  version: string;
  whyNotNative?: string;
}

const maxThreads = 1024;
const choices = ['auto', 'native', 'portable'];

let chosenThreads: number | undefined;

function environmentChoice(): 'auto' | EngineName {
  const choice = typeof process === 'object' ? process.env?.['NADIR_ENGINE'] : undefined;
  if (choice === undefined || choice === '') return 'auto';
  if (!choices.includes(choice))
    throw new EngineError(
      `NADIR_ENGINE: expected auto, native or portable, got ${JSON.stringify(choice)}`,
    );
  return choice as 'auto' | EngineName;
}

/** The engine asked for; 'auto' is native where its binary loads. Throws EngineError ERR_ENGINE. */
export function selectEngine(wanted: 'auto' | EngineName): Engine {
  const choice = wanted === 'auto' ? environmentChoice() : wanted;
  if (choice === 'portable') return portableEngine;
  const native = nativeEngine();
  if (native !== null) return native;
  if (choice === 'auto') return portableEngine;
  throw new EngineError(`the native engine is not available: ${whyNotNative()}`);
}

/** Number of threads for jobs that do not name one themselves, from 1 to 1024. */
export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > maxThreads)
    throw new RangeError(
      `setThreads: expected an integer from 1 to ${maxThreads}, got ${String(n)}`,
    );
  chosenThreads = n;
}

export function threads(): number {
  return chosenThreads ?? selectEngine('auto').defaultThreads;
}

/** The engine that 'auto' stands for, and why it is not the native one where it is not. */
export function engineInfo(): EngineInfo {
  const engine = selectEngine('auto');
  const info: EngineInfo = { name: engine.name, simd: engine.simd, threads: threads(), version };
  if (engine.name !== 'native')
    info.whyNotNative = environmentChoice() === 'portable'
      ? 'NADIR_ENGINE is portable'
      : (whyNotNative() ?? 'unknown');
  return info;
}
