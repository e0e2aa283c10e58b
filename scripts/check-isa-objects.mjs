// Fails when an object compiled for one instruction set defines a global or weak symbol besides its
// tables: the linker could pick such a symbol for the whole add-on, which is an illegal instruction
// on an older processor. It may also need nothing from outside but the memory functions that
// compilers call by themselves: no libm, no C++ library. Reads what the builds left under build/
// (but for the sanitizers', which add symbols of their own), or the folder named as argument.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../build', import.meta.url)));
const compilerCalls = /^(memcpy|memmove|memset|memcmp|bcmp|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail)$/;

const objects = existsSync(folder)
  ? readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => /(^|[/\\])kernels_[a-z0-9]+(\.dir)?[/\\].*\.(o|obj)$/.test(name))
      .filter((name) => !/^core-[at]san/.test(name))
  : [];
const instructionSets = new Set();
let faults = 0;
for (const name of objects) {
  const isa = /(?:^|[/\\])kernels_([a-z0-9]+)(?:\.dir)?[/\\]/.exec(name)[1];
  instructionSets.add(isa);
  // const nadir::Kernels nadir::kernels_<isa>, nadir::kernels_fused_<isa>, as compilers mangle them
  const tables = [`kernels_${isa}`, `kernels_fused_${isa}`].map((table) => `_ZN5nadir${table.length}${table}E`);
  const symbols = execFileSync('nm', ['-g', join(folder, name)], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/).slice(-2));
  const defined = symbols.filter(([kind]) => kind !== 'U' && kind !== 'w').map(([, symbol]) => symbol);
  const missing = symbols.filter(([kind]) => kind === 'U' || kind === 'w').map(([, symbol]) => symbol);
  const leaks = defined.filter((symbol) => !tables.includes(symbol));
  const needs = missing.filter((symbol) => !compilerCalls.test(symbol));
  if (leaks.length > 0) console.error(`${name}: global or weak symbols besides its tables: ${leaks.join(' ')}`);
  if (needs.length > 0) console.error(`${name}: needs symbols from outside: ${needs.join(' ')}`);
  if (!defined.some((symbol) => tables.includes(symbol))) {
    console.error(`${name}: exports neither ${tables.join(' nor ')}`);
    faults++;
  }
  faults += leaks.length + needs.length;
}
if (objects.length === 0) {
  console.error(`no objects of an instruction set under ${folder}: build first`);
  faults++;
}
if (faults === 0) console.log(`isa objects: ${objects.length} clean (${[...instructionSets].sort().join(', ')})`);
process.exitCode = faults === 0 ? 0 : 1;
