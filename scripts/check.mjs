// npm run check: everything that is held against the code without running it, one line per check,
// with the output of those that fail. Arguments choose checks by name.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks = {
  lint: 'oxlint --deny-warnings',
  types: 'tsc --noEmit -p tsconfig.json',
  'types of tests': 'tsc -p tsconfig.test.json',
  structure: 'node scripts/check-structure.mjs',
  twins: 'node scripts/check-twins.mjs',
  'isa objects': 'node scripts/check-isa-objects.mjs',
  'build parity': 'node scripts/check-build-parity.mjs',
  glibc: 'node scripts/check-glibc.mjs',
  'lock file': 'node scripts/check-lockfile.mjs',
  unused: 'knip',
  'package files': 'publint --strict',
  'package types': 'attw --pack . --profile esm-only',
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are: ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}
const hasBinary = setup();
let failed = 0;
for (const [name, command] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!hasBinary && ['isa objects', 'build parity', 'glibc'].includes(name)) {
    console.log(`skip  ${name}: no compiler`);
    continue;
  }
  const path = `${join(root, 'node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}`;
  const run = spawnSync(command, {
    cwd: root, shell: true, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, PATH: path + process.env.PATH },
  });
  const passed = run.status === 0;
  if (!passed) failed++;
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${name}`);
  if (!passed) console.log(`${run.stdout}${run.stderr}`.trimEnd());
}
process.exitCode = failed === 0 ? 0 : 1;
