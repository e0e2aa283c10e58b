// The two engines are twins: the same file stems in the rooms they share, and the same lists (ops,
// statuses, methods, losses, limits of a program), and the same arguments on both sides of the
// boundary. An argument names another root to check.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const faults = [];
const read = (path) => readFileSync(join(root, path), 'utf8');

/** Files that one engine alone has, and why. */
const single = {
  'native/program/program.h': 'the validator of src/model/program.ts for borrowed memory',
  'native/program/interpreter.h': 'chunks of points over lanes; one point at a time is interpret.ts',
  'native/program/operations.h': 'loops over lanes for the rows of portable/program/ops.ts',
  'native/linalg/normal-equations.h': 'tiles in registers; the portable engine generates the sums',
  'src/portable/program/choose.ts': 'chooses between generated code and the interpreter',
  'src/portable/program/evaluator.ts': 'what generated code, the interpreter and callbacks have in common',
  'src/portable/program/generate.ts': 'generated JavaScript takes the place of wide instructions',
  'src/portable/program/interpret.ts': 'one point at a time; chunks over lanes are interpreter.h',
  'src/portable/program/callback.ts': 'a function of the user is never called from C++',
};

function stems(folder, extension) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length));
}

let compared = 0;
for (const room of ['math', 'linalg', 'program', 'optim']) {
  const native = stems(`native/${room}`, '.h');
  const portable = stems(`src/portable/${room}`, '.ts');
  for (const stem of new Set([...native, ...portable])) {
    const inNative = native.includes(stem), inPortable = portable.includes(stem);
    if (inNative && inPortable) compared++;
    else if (inNative && !(`native/${room}/${stem}.h` in single))
      faults.push(`native/${room}/${stem}.h has no twin src/portable/${room}/${stem}.ts`);
    else if (inPortable && !(`src/portable/${room}/${stem}.ts` in single))
      faults.push(`src/portable/${room}/${stem}.ts has no twin native/${room}/${stem}.h`);
  }
}
for (const path of Object.keys(single))
  if (!existsSync(join(root, path))) faults.push(`${path} is excused from having a twin, but does not exist`);

function compareLists(name, left, right) {
  if (left.length === 0) faults.push(`${name}: list not found`);
  for (let i = 0; i < Math.max(left.length, right.length); i++)
    if (left[i] !== right[i]) {
      faults.push(`${name}: entry ${i} is ${left[i] ?? 'absent'} in C++ and ${right[i] ?? 'absent'} in TypeScript`);
      return;
    }
}

const between = (text, start, end) => {
  const from = text.indexOf(start);
  return from < 0 ? '' : text.slice(from + start.length, text.indexOf(end, from));
};
const words = (text) => text.replace(/\/\/.*$/gm, '').match(/\w+/g) ?? [];

const number = (text, pattern) => Number(pattern.exec(text)?.[1]);
const row = (match) => `${match[1]} with ${match[2]} operands`;
compareLists(
  'ops',
  [...read('native/program/ops.h').matchAll(/^\s*NADIR_OP\((\w+), (\d)\)/gm)].map(row),
  [...between(read('src/model/ops.ts'), 'const rows = [', '] as const').matchAll(/\['(\w+)', (\d)\]/g)].map(row),
);
compareLists(
  'statuses',
  words(between(read('native/optim/status.h'), 'enum class Status : uint8_t {', '};')),
  words(between(read('src/portable/optim/status.ts'), 'const statuses = [', '] as const')),
);

const methods = read('native/optim/methods.h');
/** Names as the API has them, in the spelling of C++; auto is a keyword there. */
const spelt = (name) =>
  name === 'auto' ? 'automatic' : name.replace(/[-_](\w)/g, (_, letter) => letter.toUpperCase());
const quoted = (text) => [...text.replace(/\/\/.*$/gm, '').matchAll(/'([^']+)'/g)].map((match) => match[1]);
const compareEnum = (name, type, count, list, path) => {
  const inPortable = quoted(between(read(path), `const ${list} = [`, '] as const')).map(spelt);
  compareLists(name, words(between(methods, `enum class ${type} : uint8_t {`, '};')), inPortable);
  compareLists(`number of ${name}`, [number(methods, new RegExp(`${count} = (\\d+)`))], [inPortable.length]);
};
compareEnum('least-squares methods', 'LeastSquaresMethod', 'leastSquaresMethods', 'leastSquaresMethods',
  'src/portable/optim/methods.ts');
compareEnum('losses', 'Loss', 'lossCount', 'losses', 'src/portable/optim/losses.ts');

const boundary = read('native/addon/fit-arguments.h');
const addon = read('src/engine/addon.ts');
const withoutComments = (text) => text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
const fields = words(between(boundary, 'enum NumberField : int {', 'numberFields,'));
compareLists(
  'numbers of a job',
  fields.map((name, i) => `${name.replace(/Field$/, '')} ${i}`),
  [...between(addon, 'const numberFields = {', '} as const').matchAll(/(\w+): (\d+)/g)]
    .map((match) => `${match[1]} ${match[2]}`),
);
compareLists('length of the record of numbers', [fields.length], [number(addon, /numberFieldCount = (\d+)/)]);
const labels = [...withoutComments(between(addon, 'type FitArguments = [', '\n];')).matchAll(/^  (\w+):/gm)]
  .map((match) => match[1]);
const positions = [...between(boundary, 'enum FitArgument : int {', 'firstPredictor,').matchAll(/(\w+)Argument\b/g)]
  .map((match) => match[1]);
compareLists('arguments of fit', positions, labels);
compareLists('names of arguments of fit',
  [...between(read('native/addon/fit-arguments.cpp'), 'names[firstPredictor] = {', '};').matchAll(/"(\w+)"/g)]
    .map((match) => match[1]), labels);

const header = read('native/program/program.h');
const format = read('src/model/program.ts');
const limitNames = ['Predictors', 'Params', 'Columns', 'Constants', 'Slots', 'Instructions'];
compareLists(
  'limits of a program',
  limitNames.map((name) => `${name} ${number(header, new RegExp(`max${name} = (\\d+)`))}`),
  limitNames.map((name) => `${name} ${number(format, new RegExp(`^  ${name.toLowerCase()}: (\\d+)`, 'm'))}`),
);
const formatNames = ['programMagic', 'headerWords', 'instructionWords', 'fitFile', 'dataFile', 'pointFile'];
const constantOf = (text) => formatNames.map((name) => `${name} ${number(text, new RegExp(`${name} = (\\w+)`))}`);
compareLists('format of a program', constantOf(header), constantOf(format));

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? `twins: ${compared} pairs of files, lists equal` : `twins: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
