// npm test: makes the checkout ready, then runs the TypeScript suite on every engine and the C++
// tests of the core. Arguments go to vitest, and then the C++ tests are left out.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';
import { testCore } from './test-core.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
try {
  setup();
} catch (error) {
  console.error(`The checkout could not be made ready: ${error.message}`);
  process.exit(1);
}

const args = process.argv.slice(2);
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const suite = spawnSync(process.execPath, [vitest, 'run', ...args], { cwd: root, stdio: 'inherit' });
const corePassed = args.length > 0 || testCore(['release']);
process.exit(suite.status === 0 && corePassed ? 0 : 1);
