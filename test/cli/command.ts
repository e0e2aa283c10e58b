// Runs the built command as its users do: a process with arguments, standard input and an
// environment. The engine is that of the test project (NADIR_ENGINE).

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/nadir.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A file descriptor; a pipe without it. */
  readonly stdout?: number;
}

/** Path of one of the measured tables that come with the examples. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/data/${name}`, import.meta.url));
}

export function startNadir(
  args: readonly string[],
  options: RunOptions = {},
): ReturnType<typeof spawn> {
  if (!existsSync(command)) throw new Error('dist/cli/nadir.js is missing: npm run build:ts');
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
  return spawn(process.execPath, [command, ...args], {
    env: { ...env, ...options.env },
    stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
  });
}

export function runNadir(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = startNadir(args, options);
    let stdout = '';
    let stderr = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // a command that ends before it has read everything closes the pipe
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(options.input ?? '');
  });
}
