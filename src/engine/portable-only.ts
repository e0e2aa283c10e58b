// What stands in for the native adapter outside Node.js: no binary, and the reason.

import type { Engine } from './engine.ts';
// There is no loader to fetch the parser with when the first function is compiled.
import '../model/register-acorn.ts';

export function nativeEngine(): Engine | null {
  return null;
}

export function whyNotNative(): string | undefined {
  return 'the native engine runs in Node.js only';
}

export function binaryPath(): string | undefined {
  return undefined;
}
