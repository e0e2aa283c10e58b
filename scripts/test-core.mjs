// Builds and runs the C++ tests of the core, which know no Node, for presets of CMakePresets.json:
//   node scripts/test-core.mjs [release] [asan] [tsan]     (release when none is named)
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  return error === undefined && status === 0;
}

function show(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Returns whether every preset passed. Without CMake that is a failure in CI alone. */
export function testCore(presets) {
  if (!run('cmake', ['--version'])) {
    console.error('The C++ tests of the core need CMake 3.21 or later, which is not installed: not run.');
    return !process.env.CI;
  }
  return presets.every((preset) =>
    show('cmake', ['--preset', preset, '--log-level=WARNING']) &&
    show('cmake', ['--build', '--preset', preset]) &&
    show('ctest', ['--preset', preset]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const presets = process.argv.slice(2);
  process.exitCode = testCore(presets.length > 0 ? presets : ['release']) ? 0 : 1;
}
