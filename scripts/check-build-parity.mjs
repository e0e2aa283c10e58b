// Compares what the two builds of the add-on would run, without running either: the same sources for
// the same instruction sets, with the same machine, floating-point, optimisation and language flags
// and the same definitions; and the same flags for linking.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

// In a copy, so that a finished build is left alone.
const copy = mkdtempSync(join(tmpdir(), 'nadir-parity-'));
for (const name of ['native', 'binding.gyp', 'CMakeLists.txt', 'package.json']) cpSync(join(root, name), join(copy, name), { recursive: true });
symlinkSync(modules, join(copy, 'node_modules'), 'dir');

const prefix = join(dirname(process.execPath), '..');
const env = { ...process.env };
if (existsSync(join(prefix, 'include/node/node_api.h'))) env.npm_config_nodedir ??= prefix;
const configure = (tool, ...args) =>
  execFileSync(join(modules, '.bin', tool), args, { cwd: copy, env, stdio: ['ignore', 'ignore', 'inherit'] });

const relevant =
  /^(-m(?!64$)\S+|-ffp-contract=\S+|-f(no-)?(math-errno|trapping-math|fast-math|exceptions|rtti|unsafe-math-optimizations)|-ffast-math|-fvisibility=\S+|-pthread|-static-\S+|-Wl,-z,\S+|-Wl,-Bsymbolic|-Wl,--exclude-libs\S*|-D(NADIR|NAPI|NDEBUG|NODE_ADDON_API)\S*|-O\S+|-std=\S+)$/;
const split = (command) => command.split(/\s+/).map((word) => word.replace(/^['"]|['"]$/g, '').replace(/\\(.)/g, '$1'));
function normal(command) {
  const flags = split(command).filter((word) => relevant.test(word));
  // Of these the compiler obeys the last one.
  const last = (start) => flags.filter((flag) => flag.startsWith(start)).slice(-1);
  const rest = flags.filter((flag) => !flag.startsWith('-std=') && !flag.startsWith('-O'));
  return [...new Set([...rest, ...last('-std='), ...last('-O')])].sort().join(' ');
}
function compileTable(file) {
  const table = new Map();
  for (const { directory, file: source, command } of JSON.parse(readFileSync(join(copy, file), 'utf8'))) {
    const path = relative(copy, resolve(directory, source)).split(sep).join('/');
    if (!path.startsWith('native/')) continue;
    const isa = /-DNADIR_TARGET=(\w+)/.exec(command)?.[1];
    table.set(isa === undefined ? path : `${path} for ${isa}`, normal(command));
  }
  return table;
}

let faults = 0;
try {
  configure('node-gyp', 'configure', '--silent', '--', '-f', 'compile_commands_json');
  const gyp = compileTable('build/Release/compile_commands.json');
  configure('node-gyp', 'configure', '--silent');
  const makefile = readFileSync(join(copy, 'build/nadir.target.mk'), 'utf8');
  gyp.set('linking', normal(/LDFLAGS_Release := \\\n((?:.*\\\n)*.*\n)/.exec(makefile)[1].replaceAll('\\\n', ' ')));
  rmSync(join(copy, 'build'), { recursive: true });
  configure('cmake-js', 'configure', '--silent', '--out', 'build/cmake', '--generator', 'Unix Makefiles');
  const cmake = compileTable('build/cmake/compile_commands.json');
  const link = readFileSync(join(copy, 'build/cmake/CMakeFiles/nadir.dir/link.txt'), 'utf8');
  // CMake repeats compiler flags when it links.
  cmake.set('linking', normal(link).split(' ').filter((flag) => /^-(Wl|static|pthread)/.test(flag)).join(' '));
  gyp.set('linking', gyp.get('linking').split(' ').filter((flag) => /^-(Wl|static|pthread)/.test(flag)).join(' '));

  for (const key of new Set([...gyp.keys(), ...cmake.keys()])) {
    if (gyp.get(key) === cmake.get(key)) continue;
    faults++;
    console.error(`${key} differs\n  node-gyp: ${gyp.get(key) ?? '(not there)'}\n  CMake:    ${cmake.get(key) ?? '(not there)'}`);
  }
  const manifest = JSON.parse(readFileSync(join(copy, 'native/sources.gypi'), 'utf8')).variables;
  for (const isa of manifest[`isas_${process.arch}`] ?? manifest.isas_other)
    for (const source of manifest.kernel_sources)
      if (!gyp.has(`${source} for ${isa}`)) {
        faults++;
        console.error(`${source} is not compiled for ${isa}`);
      }
  console.log(faults === 0 ? `build parity: ${gyp.size} entries equal` : `build parity: ${faults} faults`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = faults === 0 ? 0 : 1;
