// npm run bench: the tables, and the same as JSON in bench/baselines.
//   node bench/run.mjs [tables …] [--rounds 5] [--problems P1,P4] [--clock wall|cpu]
//     [--name <baseline>]
// Tables: certified, batches, methods, sets, memory, scaling, single, loop, start, functions,
// starts, global, pixels; all of them when none is named.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { engineInfo } from '../dist/index.js';
import { batches } from './batches.mjs';
import { certified } from './certified.mjs';
import { instructionSets, memory, startUp } from './children.mjs';
import { eventLoop } from './event-loop.mjs';
import { functions } from './functions.mjs';
import { global, starts } from './many.mjs';
import { useClock } from './measure.mjs';
import { methods } from './methods.mjs';
import { pixels } from './pixels.mjs';
import { scaling } from './scaling.mjs';
import { single } from './single.mjs';

const tables = {
  certified,
  batches,
  methods,
  sets: instructionSets,
  memory,
  scaling,
  single,
  loop: eventLoop,
  start: startUp,
  functions,
  starts,
  global,
  pixels,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    problems: { type: 'string' },
    name: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
  },
});
const unknown = positionals.filter((name) => !(name in tables));
if (unknown.length > 0) {
  console.error(
    `no such table: ${unknown.join(', ')}; there are: ${Object.keys(tables).join(', ')}`,
  );
  process.exit(2);
}

useClock(values.clock);
const info = engineInfo();
const hasNative = info.name === 'native';
const rounds = Number(values.rounds);
const machine = {
  cpu: cpus()[0]?.model,
  threads: cpus().length,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
};
console.log(
  `nadir ${info.version}, ${info.name} (${info.simd}), ${rounds} rounds, ${values.clock} time; ` +
    `${machine.cpu}, Node.js ${machine.node}`,
);
if (!hasNative) console.log(`without the native engine: ${info.whyNotNative}`);

const { clock } = values;
const run = { version: info.version, engine: info.name, simd: info.simd, machine, rounds, clock };
const results = {};
for (const [name, measure] of Object.entries(tables)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (name === 'sets' && !hasNative) continue;
  results[name] = await measure({
    hasNative,
    rounds,
    simd: info.simd,
    only: values.problems?.split(','),
  });
}

if (values.name !== undefined) {
  const folder = new URL('baselines/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${values.name}.json`, folder);
  writeFileSync(
    file,
    `${JSON.stringify({ ...run, ...results }, null, 2)}\n`,
  );
  console.log(`\nwritten: bench/baselines/${values.name}.json`);
}
