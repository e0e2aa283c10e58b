// The engines as the public API shows them.

import * as select from '../engine/select.ts';
import type { EngineInfo } from '../engine/select.ts';
import { maxThreads } from './options.ts';
import { readInteger } from './validate.ts';

export type { EngineInfo };

/**
 * The engine that `engine: 'auto'` stands for here, its instruction set and number of threads, and,
 * where it is not the native one, why.
 * @throws EngineError ERR_ENGINE when the environment variable NADIR_ENGINE asks for what is not
 *   there
 */
export function engineInfo(): EngineInfo {
  return select.engineInfo();
}

/**
 * Number of threads for batches that do not name one themselves. Results never depend on it.
 * @param n an integer from 1 to 1024; default: what the machine offers
 * @throws InputError ERR_TYPE or ERR_RANGE
 */
export function setThreads(n: number): void {
  select.setThreads(readInteger(n, 'n', 1, maxThreads));
}
