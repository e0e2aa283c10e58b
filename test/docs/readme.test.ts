// The README is executed: every block of JavaScript prints the text block below it, and every
// command prints what is shown, times and names of engines aside.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

/** "in 3.1 ms (native engine, avx2)" depends on the machine. */
function withoutMachine(text: string): string {
  return text.replace(/ in [\d.]+ m?s \([^)]*\)/g, ' in … (…)').trimEnd();
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
      expect(run(process.execPath, ['--input-type=module'], code).trimEnd()).toBe(shown.trimEnd());
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

it('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) {
    expect(() => readFileSync(new URL(`../../${path}`, import.meta.url))).not.toThrow(/ENOENT/);
  }
});
