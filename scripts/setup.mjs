// Makes a checkout ready to run: installs the packages, compiles TypeScript to dist/ and the add-on
// to build/Release, each only where it is missing or older than its sources. Node built-ins only,
// since it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = join(root, 'build/Release/nadir.node');

/** Runs a command of npm; what it prints is shown when it fails. */
function run(args, env = {}) {
  const { status, error, stdout, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  console.error(`${stdout ?? ''}${stderr ?? ''}`.trimEnd());
  throw new Error(`npm ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
}

/** Directories count too, so that a deleted file is noticed. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale(product, sources) {
  if (!existsSync(product)) return true;
  const made = statSync(product).mtimeMs;
  return sources.some((source) => newest(join(root, source)) > made);
}

/**
 * Builds a product and dates it from before the build, so that an edit meanwhile makes it stale. One
 * that failed to build is taken away: it would be taken for the product of these sources.
 */
function build(product, script, env) {
  const started = new Date();
  try {
    run(['run', '--silent', script], env);
    utimesSync(product, started, started);
  } catch (error) {
    rmSync(product, { force: true });
    throw error;
  }
}

function install() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = Object.keys({ ...dependencies, ...devDependencies });
  if (wanted.every((name) => existsSync(join(root, 'node_modules', name, 'package.json')))) return;
  console.error('Installing packages (npm ci) …');
  // No package that is needed here has an install script that matters.
  run(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

function buildTypeScript() {
  const product = join(root, 'dist/index.js');
  if (!isStale(product, ['src', 'tsconfig.json', 'scripts/bundle.mjs'])) return;
  console.error('Compiling TypeScript …');
  build(product, 'build:ts');
}

/** Returns whether there is an up-to-date binary. */
function buildNative() {
  if (!isStale(binary, ['native', 'binding.gyp'])) return true;
  console.error('Compiling the add-on (a minute or two) …');
  // The headers of this very Node, where it was installed with them, save node-gyp a download.
  const prefix = join(dirname(process.execPath), '..');
  const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h'));
  const nodedir = process.env.npm_config_nodedir ?? (hasHeaders ? prefix : undefined);
  try {
    build(binary, 'build:native', {
      JOBS: process.env.JOBS ?? 'max',
      ...(nodedir === undefined ? {} : { npm_config_nodedir: nodedir }),
    });
    return true;
  } catch {
    console.error('The add-on could not be compiled: going on with the portable engine alone.');
    if (process.env.CI) throw new Error('CI needs the add-on');
    return false;
  }
}

/** Returns whether the native engine is there. Throws when the checkout cannot be made ready. */
export function setup() {
  install();
  buildTypeScript();
  return buildNative();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
