// The README is executed: every block of JavaScript prints the text block below it, and every
// command prints what is shown, times and names of engines aside. The guides are read for links.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const scripts = [...readme.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
const commands = [...readme.matchAll(/```console\n\$ ((?:.*\\\n)*.*)\n([\s\S]*?)```/g)];

function run(command: string, args: readonly string[], input?: string): string {
  const { FORCE_COLOR: _force, ...env } = process.env;
  const result = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', input });
  return `${result.stdout}${result.stderr}`;
}

/** "in 3.1 ms (native engine, avx2)" and "9.13 ms, native engine" depend on the machine. */
function withoutMachine(text: string): string {
  return text
    .replaceAll(/ in [\d.]+ m?s \([^)]*\)/g, ' in … (…)')
    .replaceAll(/, [\d.]+ m?s, (?:native|portable) engine$/gm, ', …')
    .trimEnd();
}

it('shows the output of every block of JavaScript', () => {
  expect(scripts).toHaveLength(readme.match(/```js\n/g)!.length);
  expect(scripts.length).toBeGreaterThan(5);
  expect(commands).toHaveLength(readme.match(/```console\n/g)!.length);
  expect(commands.length).toBeGreaterThan(1);
});

describe('JavaScript', () => {
  it.each(scripts.map(([, code, shown], i) => [i + 1, code, shown] as const))(
    'block %d prints what is shown',
    (_number, code, shown) => {
      const printed = run(process.execPath, ['--input-type=module'], code);
      expect(withoutMachine(printed)).toBe(withoutMachine(shown));
    },
  );
});

describe.skipIf(process.platform === 'win32')('commands', () => {
  it.each(commands.map(([, command, shown]) => [command, shown] as const))(
    '%s',
    (command, shown) => {
      const script = `nadir() { node dist/cli/nadir.js "$@"; }\n${command}`;
      expect(withoutMachine(run('sh', ['-c', script]))).toBe(withoutMachine(shown));
    },
  );
});

const guides = readdirSync(new URL('../../docs/guides/', import.meta.url));

it.each(['README.md', ...guides.map((name) => `docs/guides/${name}`)])(
  '%s links to files and sections that exist',
  (path) => {
    const at = new URL(`../../${path}`, import.meta.url);
    const text = readFileSync(at, 'utf8');
    const anchors = new Set(
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        title!.toLowerCase().replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-'),
      ),
    );
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      if (target!.startsWith('#')) expect(anchors).toContain(target!.slice(1));
      else expect(existsSync(new URL(target!.split('#')[0]!, at)), target).toBe(true);
    }
  },
);

it('links to every guide', () => {
  expect(guides.length).toBeGreaterThan(1);
  for (const name of guides) expect(readme).toContain(`](docs/guides/${name})`);
});
