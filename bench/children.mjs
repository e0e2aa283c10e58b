// What has to be measured in a process of its own: instruction sets, memory, and start-up.
// With arguments this file is that process: `children.mjs rates <clock>`,
// `children.mjs memory <engine> <threads>`.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measuresThreads, median, summary, table, useClock } from './measure.mjs';

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

function child(args, env = {}) {
  const run = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (run.status !== 0)
    throw new Error(`${args.join(' ')}: ${run.stderr || `exit code ${run.status}`}`);
  return run.stdout;
}

/** Fits per second of the native engine for each instruction set up to the one in use, in turn. */
export function instructionSets({ simd, rounds }) {
  const order =
    process.arch === 'arm64' ? ['scalar', 'neon'] : ['scalar', 'sse2', 'avx2', 'avx512'];
  const sets = order.slice(0, order.indexOf(simd) + 1);
  const figures = Object.fromEntries(sets.map((set) => [set, []]));
  for (let round = 0; round < Math.min(rounds, 5); round++)
    for (const set of sets)
      figures[set].push(
        JSON.parse(child([self, 'rates', measuresThreads() ? 'wall' : 'cpu'], { NADIR_ISA: set })),
      );
  const keys = Object.keys(figures[sets[0]][0]);
  const report = Object.fromEntries(
    sets.map((set) => [
      set,
      Object.fromEntries(
        keys.map((key) => [key, summary(figures[set].map((rates) => rates[key]))]),
      ),
    ]),
  );
  console.log('\nInstruction sets: fits per second, native, one thread');
  console.log(
    table(
      ['', ...sets, ...(sets.includes('avx512') ? ['avx2 of avx512'] : [])],
      keys.map((key) => [
        key,
        ...sets.map((set) => report[set][key].median),
        ...(sets.includes('avx512')
          ? [`${Math.round((100 * report.avx2[key].median) / report.avx512[key].median)} %`]
          : []),
      ]),
    ),
  );
  return report;
}

/** Resident memory beyond inputs and outputs at its highest, in MB per configuration. */
export function memory({ hasNative }) {
  const report = {};
  for (const engine of hasNative ? ['native', 'portable'] : ['portable'])
    for (const threads of [1, 2])
      report[`${engine}, ${threads} thread${threads > 1 ? 's' : ''}`] = JSON.parse(
        child(['--expose-gc', self, 'memory', engine, String(threads)]),
      );
  console.log('\nMemory beyond inputs and outputs, MB: a first job, and one of ten times its size');
  console.log(
    table(
      ['', 'first', 'tenfold'],
      Object.entries(report).map(([name, { first, tenfold }]) => [
        name,
        first.toFixed(2),
        tenfold.toFixed(2),
      ]),
    ),
  );
  return report;
}

/** Highest resident memory since the last call in MB, where the system tells (Linux); else now. */
function highestMemory() {
  try {
    const highest =
      Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    writeFileSync('/proc/self/clear_refs', '5');
    return highest;
  } catch {
    return process.memoryUsage.rss() / 2 ** 20;
  }
}

async function measureMemory(engine, threads) {
  const { problem } = await import('./data.mjs');
  const { fit } = await import('./batches.mjs');
  const fits = engine === 'native' ? 200_000 : 50_000;
  const data = problem('P1', fits);
  const columns = data.names.length;
  const out = {
    params: new Float64Array(fits * columns).fill(1),
    ssr: new Float64Array(fits).fill(1),
    status: new Uint8Array(fits).fill(1),
    iterations: new Uint16Array(fits).fill(1),
  };
  const run = (count) =>
    fit(data, count, {
      engine,
      threads,
      out: {
        params: out.params.subarray(0, count * columns),
        ssr: out.ssr.subarray(0, count),
        status: out.status.subarray(0, count),
        iterations: out.iterations.subarray(0, count),
      },
    });
  // Code of the engine and of the language is loaded and compiled by then.
  await run(100);
  globalThis.gc();
  highestMemory();
  const before = highestMemory();
  await run(fits / 10);
  const first = highestMemory();
  await run(fits);
  return { first: first - before, tenfold: highestMemory() - before };
}

/** Milliseconds that a process takes with and without `import 'nadir'`, and the import inside. */
export function startUp({ rounds }) {
  const empty = [],
    importing = [],
    inside = [];
  const timed = (list, code) => {
    const started = performance.now();
    const output = child(['--input-type=module', '-e', code]);
    list.push(performance.now() - started);
    return output;
  };
  for (let i = 0; i < Math.max(rounds, 10); i++) {
    timed(empty, '');
    timed(importing, "import 'nadir';");
    inside.push(
      Number(
        timed(
          [],
          "const t = performance.now(); await import('nadir'); console.log(performance.now() - t);",
        ),
      ),
    );
  }
  const report = {
    emptyProcessMs: summary(empty),
    importingProcessMs: summary(importing),
    differenceMs: Number((median(importing) - median(empty)).toFixed(2)),
    importMs: summary(inside),
  };
  console.log(
    `\nimport 'nadir': ${report.importMs.median} ms inside; ` +
      `process ${report.importingProcessMs.median} ms against ${report.emptyProcessMs.median} ms empty`,
  );
  return report;
}

if (process.argv[1] === self && process.argv[2] === 'rates') {
  useClock(process.argv[3]);
  const { nativeRates } = await import('./batches.mjs');
  console.log(JSON.stringify(await nativeRates(2)));
} else if (process.argv[1] === self && process.argv[2] === 'memory') {
  console.log(JSON.stringify(await measureMemory(process.argv[3], Number(process.argv[4]))));
}
