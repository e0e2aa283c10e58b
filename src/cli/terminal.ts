// The two streams: results on standard output, everything else on standard error. Colour follows
// NO_COLOR, FORCE_COLOR and whether a terminal is there; a reader that goes away is no fault.

import { exitCode } from './failure.ts';

export type Paint = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

const codes: Readonly<Record<Paint, readonly [number, number]>> = {
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export function usesColour(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if (env['FORCE_COLOR'] !== undefined)
    return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export function painter(enabled: boolean): (paint: Paint, text: string) => string {
  if (!enabled) return (_paint, text) => text;
  return (paint, text) => `\x1b[${codes[paint][0]}m${text}\x1b[${codes[paint][1]}m`;
}

let readerIsGone = false;

/** `nadir … | head` closes the pipe early: whatever is left is dropped in silence. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    readerIsGone = true;
    if (error.code === 'EPIPE') return;
    say(`nadir: standard output cannot be written: ${error.message}`);
    process.exit(exitCode.usage);
  });
}

/** Characters gathered before they are handed to the system. */
const writeSize = 1 << 16;

/** Writes pieces as fast as the reader takes them; they are made as they are needed. */
export async function writeOutput(pieces: Iterable<string>): Promise<void> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < writeSize) continue;
    await write(text);
    if (readerIsGone) return;
    text = '';
  }
  await write(text);
}

/** The callback comes when the text is handed over, or with the error that watchOutput sees too. */
function write(text: string): Promise<void> {
  if (readerIsGone) return Promise.resolve();
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
