// Joins the modules behind dist/index.js into that one file: a program that imports eighty small
// modules opens eighty files at its start. The native adapter stays a module of its own, because an
// import condition chooses it, and so does the thread of the portable engine, which is started from
// its file. Declarations stay as they are.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

// Beside the joined file the thread's file has another address.
const workerAddress = {
  name: 'worker-address',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]portable[\\/]jobs[\\/]workers\.js$/ }, ({ path }) => {
      const parts = readFileSync(path, 'utf8').split("new URL('./worker.js', import.meta.url)");
      if (parts.length !== 2) throw new Error(`${path}: expected one address of worker.js`);
      return { contents: parts.join("new URL('./portable/jobs/worker.js', import.meta.url)"), loader: 'js' };
    });
  },
};

// What both the joined file and the adapters must have one instance of.
const shared = ['model/acorn.js', 'engine/engine-error.js'];

await build({
  entryPoints: [at('index.js')],
  outfile: at('index.js'),
  allowOverwrite: true,
  bundle: true,
  // Joined, constants become variables; this puts most of them back in place (6 % of a fit's time).
  minifySyntax: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  sourcemap: true,
  external: ['#engine', 'node:*', 'acorn', ...shared.map(at)],
  plugins: [workerAddress],
  logLevel: 'warning',
});
