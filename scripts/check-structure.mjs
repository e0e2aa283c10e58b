// Who may know whom: reads the import and #include lines of src/ and native/ and holds them against
// the tables below. Also: no cycles, no C++ library header in a kernel, no Math.exp and the like
// where results are computed, no file over 500 lines. An argument names another root to check.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const faults = [];

/** Room → rooms it may include. Every room may use itself. */
const nativeRooms = {
  simd: [],
  math: ['simd'],
  linalg: ['simd'],
  program: ['math', 'simd'],
  optim: ['linalg', 'math', 'simd'],
  jobs: ['optim', 'program', 'linalg', 'math', 'simd'],
  addon: ['jobs', 'optim', 'program', 'linalg', 'math', 'simd'],
  test: ['jobs', 'optim', 'program', 'linalg', 'math', 'simd'],
};

/**
 * Room → rooms or single files it may import, the rooms and files it may import types from besides,
 * and packages. `node:` stands for Node's own modules.
 */
const sourceRooms = {
  'portable/math': { values: [], types: [], packages: [] },
  'portable/linalg': { values: [], types: [], packages: [] },
  'portable/program': {
    // Running sums are added up where the values are computed, which in C++ is done in jobs.
    values: ['model/program', 'model/ops', 'portable/math', 'portable/linalg'], types: ['engine/engine'], packages: [],
  },
  'portable/optim': { values: ['portable/linalg', 'portable/math'], types: [], packages: [] },
  'portable/jobs': {
    values: ['portable/math', 'portable/linalg', 'portable/program', 'portable/optim', 'model/program'],
    types: ['engine/engine', 'model'],
    packages: ['node:'],
  },
  model: { values: ['portable/math'], types: [], packages: ['acorn'] },
  statistics: { values: ['portable/linalg', 'portable/math'], types: [], packages: [] },
  // Data sets with shared parameters: written once, for both engines evaluate and neither solves.
  arrow: { values: ['portable/optim/status'], types: [], packages: [] },
  engine: { values: ['portable', 'model/program', 'model/ops', 'model/register-acorn'], types: ['model'], packages: ['node:', 'node-gyp-build'] },
  // Lists of statuses, methods and losses label results. Solvers are driven from here where user
  // functions are called, and where what is minimised is no batch of fits.
  api: {
    values: ['engine', 'model', 'statistics', 'arrow', 'portable/optim', 'portable/linalg', 'portable/math/root', '#engine'],
    types: [], packages: [],
  },
  cli: { values: ['index'], types: ['index'], packages: ['node:', 'commander', 'papaparse'] },
  index: { values: ['api', 'model', 'engine'], types: ['statistics', 'portable/optim/status'], packages: [] },
};

/** What a file that is compiled per instruction set may include from outside the project. */
const kernelHeaders = ['stddef.h', 'stdint.h', 'immintrin.h', 'arm_neon.h'];
const inexactMath =
  /\bMath\.(a?(?:sin|cos|tan)h?|atan2|cbrt|exp|expm1|log|log10|log1p|log2|pow|hypot|fround|random)\b/;

function filesUnder(folder, extensions) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path, extensions);
    return extensions.some((extension) => entry.name.endsWith(extension)) ? [path] : [];
  });
}

const show = (path) => relative(root, path).split(sep).join('/');
const withoutComments = (text) =>
  text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
const covers = (allowed, path) => allowed.some((entry) => path === entry || path.startsWith(`${entry}/`));

/** Reports the first cycle of a graph of files. */
function findCycle(graph) {
  const state = new Map();
  const visit = (file, trail) => {
    if (state.get(file) === 'done') return false;
    if (state.get(file) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(file)), file].map(show).join(' → ');
      faults.push(`cycle: ${cycle}`);
      return true;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) if (visit(next, [...trail, file])) return true;
    state.set(file, 'done');
    return false;
  };
  for (const file of graph.keys()) if (visit(file, [])) return;
}

function checkLength(file, text) {
  const lines = text.split('\n').length - 1;
  if (lines > 500) faults.push(`${show(file)}: ${lines} lines; which second noun lives in it?`);
}

function checkNative() {
  const base = join(root, 'native');
  const graph = new Map();
  const outside = new Map();
  for (const file of filesUnder(base, ['.h', '.cpp'])) {
    const text = readFileSync(file, 'utf8');
    checkLength(file, text);
    const room = relative(base, file).split(sep)[0];
    const allowed = nativeRooms[room];
    if (allowed === undefined) faults.push(`${show(file)}: native/${room} is not a room of the table`);
    const includes = [];
    const headers = [];
    for (const [, quote, name] of withoutComments(text).matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm)) {
      const target = join(base, name);
      if (quote === '"' && existsSync(target)) {
        includes.push(target);
        const to = name.split('/')[0];
        if (to !== room && !allowed?.includes(to)) faults.push(`${show(file)}: native/${room} may not include native/${to} (${name})`);
      } else {
        headers.push(name);
        if (quote === '"') faults.push(`${show(file)}: includes "${name}", which is not a path from native/`);
        if (/^(napi|node_api|js_native_api|uv|v8)\b/.test(name) && room !== 'addon')
          faults.push(`${show(file)}: only native/addon may include ${name}`);
      }
    }
    graph.set(file, includes);
    outside.set(file, headers);
  }
  findCycle(graph);

  const manifest = JSON.parse(readFileSync(join(base, 'sources.gypi'), 'utf8')).variables;
  for (const source of manifest.kernel_sources) {
    const seen = new Set();
    const visit = (file) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const header of outside.get(file) ?? [])
        if (!kernelHeaders.includes(header)) faults.push(`${show(file)}: <${header}> reaches ${source}, which is compiled per instruction set`);
      for (const next of graph.get(file) ?? []) visit(next);
    };
    visit(join(root, source));
  }
  return graph.size;
}

function checkSource() {
  const base = join(root, 'src');
  const graph = new Map();
  const pattern = /\b(import|export)\s+(type\s+)?(?:[\w*{][^'";]*?\bfrom\s*)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;
  for (const file of filesUnder(base, ['.ts'])) {
    const text = readFileSync(file, 'utf8');
    checkLength(file, text);
    const code = withoutComments(text);
    const path = relative(base, file).split(sep).join('/').replace(/\.ts$/, '');
    const room = Object.keys(sourceRooms).find((name) => covers([name], path));
    if (room === undefined) {
      faults.push(`${show(file)}: belongs to no room of the table`);
      continue;
    }
    if (room !== 'cli') {
      code.split('\n').forEach((line, i) => {
        const found = inexactMath.exec(line.replace(/'[^']*'/g, "''"));
        if (found) faults.push(`${show(file)}:${i + 1}: ${found[0]} differs between engines of JavaScript`);
      });
    }
    const rules = sourceRooms[room];
    const imports = [];
    for (const [, , type, fixed, dynamic] of code.matchAll(pattern)) {
      const name = fixed ?? dynamic;
      const isType = type !== undefined;
      if (name.startsWith('.')) {
        const target = resolve(dirname(file), name);
        if (!existsSync(target)) faults.push(`${show(file)}: ${name} does not exist`);
        if (!isType) imports.push(target);
        const to = relative(base, target).split(sep).join('/').replace(/\.ts$/, '');
        const allowed = [room, ...rules.values, ...(isType ? rules.types : [])];
        if (!covers(allowed, to)) faults.push(`${show(file)}: src/${room} may not import ${isType ? 'types of ' : ''}src/${to}`);
      } else if (name.startsWith('#')) {
        if (!rules.values.includes(name) && room !== 'engine') faults.push(`${show(file)}: src/${room} may not import ${name}`);
      } else if (!rules.packages.some((allowed) => name === allowed || (allowed === 'node:' && name.startsWith('node:')))) {
        faults.push(`${show(file)}: src/${room} may not import the package ${name}`);
      }
    }
    graph.set(file, imports);
  }
  findCycle(graph);
  return graph.size;
}

const files = checkNative() + checkSource();
if (files === 0) faults.push('nothing found to check');
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? `structure: ${files} files keep to their rooms` : `structure: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
