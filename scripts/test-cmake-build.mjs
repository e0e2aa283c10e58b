// Builds the add-on a second time, with cmake-js, and runs on that binary what holds the native
// engine to right digits and to the bits of the portable one:
//   node scripts/test-cmake-build.mjs [test files …]
// The build stands in a copy of its sources, for its output is where node-gyp's is; the copy stays,
// so that the next build compiles what has changed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = join(root, 'build/cmake-js');
const tests = process.argv.length > 2 ? process.argv.slice(2) : ['test/api/certified.test.ts'];

/** By content, not by date: a file that was edited during the last build is older than its object. */
const isNews = (from, to) =>
  statSync(from).isDirectory() || !existsSync(to) || !readFileSync(from).equals(readFileSync(to));

mkdirSync(copy, { recursive: true });
for (const name of ['native', 'CMakeLists.txt', 'package.json'])
  cpSync(join(root, name), join(copy, name), { recursive: true, filter: isNews });
if (!existsSync(join(copy, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

/** Runs a program of a package; what it prints is shown when it is asked for or fails. */
function run(script, args, { cwd = root, env = {}, isShown = false } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 26, stdio: isShown ? 'inherit' : 'pipe',
  });
  if (status === 0) return;
  if (!isShown) console.error(`${stdout}${stderr}`.trimEnd());
  process.exit(1);
}

// The headers of this very Node, where it was installed with them, save cmake-js a download.
const prefix = join(dirname(process.execPath), '..');
const env = existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
console.error('Compiling the add-on with cmake-js (a minute or two, the first time) …');
run('cmake-js/bin/cmake-js', ['compile', '--silent', '--out', 'build/cmake', '--parallel', '2'], { cwd: copy, env });
if (!existsSync(join(copy, 'build/Release/nadir.node'))) {
  console.error('cmake-js left no binary');
  process.exit(1);
}
// The variable of node-gyp-build that names another folder to look for the binary.
run('vitest/vitest.mjs', ['run', '--project', 'native', ...tests], { env: { NADIR_PREBUILD: copy }, isShown: true });
