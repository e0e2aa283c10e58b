// What a bundler makes of the package for a browser: one script without Node.js and without the
// binary. It is run in an empty global scope, and returns the bits that the package returns.

import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext, type Context } from 'node:vm';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Prints everything that two places could disagree on. */
const work = `
  const decay = model(['a', 'k'], (x, p) => p.a * Math.exp(-p.k * x));
  const x = Float64Array.of(0, 1, 2, 3);
  const y = Float64Array.of(5.1, 2.9, 1.9, 1.0, 8.2, 3.1, 1.2, 0.4);
  const result = await curveFitBatch({ model: decay, x, y, params: { a: 5, k: 0.5 }, outputs: ['stdErr'] });
  const { params, stdErr, ssr, status } = result;
  const found = JSON.stringify({ how: decay.explain(), params, stdErr, ssr, status });
`;
const names = '{ curveFitBatch, engineInfo, model }';

it('bundles into one script that needs nothing of Node.js and gives the same bits', async () => {
  const result = await build({
    stdin: { contents: `export ${names} from 'nadir';`, resolveDir: root },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'nadir',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
    // import.meta does not exist in a classic script; only the Node.js side asks for it
    logOverride: { 'empty-import-meta': 'silent' },
  });
  expect(result.warnings).toEqual([]);
  const [output] = Object.values(result.metafile.outputs);
  expect(output.imports).toEqual([]);
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs).toContain('dist/engine/portable-only.js');
  const forNode = /engine\/(native|addon)\.js|node-gyp-build|\/cli\//;
  expect(inputs.filter((path) => forNode.test(path))).toEqual([]);

  const run = async (context: Context): Promise<unknown> => {
    runInContext(result.outputFiles[0].text, context);
    const script = `(async () => {
      const ${names} = nadir;
      ${work}
      return [engineInfo().name, found];
    })()`;
    const [engine, found] = (await runInContext(script, context)) as [string, string];
    expect(engine).toBe('portable');
    return JSON.parse(found);
  };
  const globals = { performance, setTimeout, clearTimeout };
  const there = await run(createContext(globals));
  expect(there).toMatchObject({ how: { compiled: true } });
  // a content security policy without 'unsafe-eval'
  const strict = createContext({ ...globals }, { codeGeneration: { strings: false, wasm: false } });
  expect(await run(strict)).toEqual(there);

  const here = `import ${names} from 'nadir'; ${work} console.log(found);`;
  const printed = execFileSync(process.execPath, ['--input-type=module'], {
    cwd: root,
    input: here,
  });
  expect(there).toEqual(JSON.parse(printed.toString()));
});
