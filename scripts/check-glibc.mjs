// What a Linux binary asks of the system it is loaded on: no symbol version above the oldest
// supported C and C++ library, and no library that Node itself
// does not load.
//   node scripts/check-glibc.mjs [file …]     (build/Release/nadir.node and prebuilds/ when none)
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// glibc 2.28 (2018) is that of RHEL 8; GLIBCXX_3.4.25 that of GCC 8.
const highest = { GLIBC: [2, 28], GLIBCXX: [3, 4, 25], CXXABI: [1, 3, 11] };
const libraries = /^(libc|libm|libpthread|libdl|libgcc_s|libstdc\+\+|ld-linux-[\w-]+)\.so\.\d+$/;

const root = fileURLToPath(new URL('..', import.meta.url));
function found() {
  const prebuilds = join(root, 'prebuilds');
  const shipped = existsSync(prebuilds)
    ? readdirSync(prebuilds, { recursive: true }).map(String).filter((name) => /^linux-.*\.glibc\.node$/.test(name))
    : [];
  return ['build/Release/nadir.node', ...shipped.map((name) => join('prebuilds', name))]
    .map((name) => join(root, name))
    .filter(existsSync);
}

const isAbove = (version, limit) => {
  for (let i = 0; i < Math.max(version.length, limit.length); i++)
    if ((version[i] ?? 0) !== (limit[i] ?? 0)) return (version[i] ?? 0) > (limit[i] ?? 0);
  return false;
};

const files = process.argv.length > 2 ? process.argv.slice(2) : found();
let faults = 0;
if (process.platform !== 'linux') {
  console.log('glibc: nothing to check on this system');
} else if (files.length === 0) {
  console.error('no binary found: build first');
  faults++;
}
for (const file of process.platform === 'linux' ? files : []) {
  const symbols = execFileSync('objdump', ['-T', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const needed = execFileSync('objdump', ['-p', file], { encoding: 'utf8' });
  const top = {};
  for (const line of symbols.split('\n')) {
    const [, , library, text] = /\*UND\*.*?(\b(GLIBC|GLIBCXX|CXXABI)_([\d.]+))/.exec(line) ?? [];
    if (library === undefined) continue;
    const version = text.split('.').map(Number);
    if (isAbove(version, highest[library])) {
      console.error(`${file}: ${line.trim()} is above ${library}_${highest[library].join('.')}`);
      faults++;
    }
    if (top[library] === undefined || isAbove(version, top[library])) top[library] = version;
  }
  for (const [, library] of needed.matchAll(/NEEDED\s+(\S+)/g)) {
    if (libraries.test(library)) continue;
    console.error(`${file}: needs ${library}`);
    faults++;
  }
  const summary = Object.entries(top).map(([library, version]) => `${library}_${version.join('.')}`);
  console.log(`glibc: ${file.slice(root.length)} needs ${summary.join(', ') || 'no versioned symbol'}`);
}
process.exitCode = faults === 0 ? 0 : 1;
