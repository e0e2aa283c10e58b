// The suite runs once per engine. Each run is a project with its own environment, in child
// processes, so that a crash in native code takes down one file and not the run.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

function project(engine: 'native' | 'portable', exclude: string[]): TestProjectConfiguration {
  return {
    resolve: { alias: { '#engine': path('./src/engine/native.ts') } },
    test: {
      name: engine,
      pool: 'forks',
      env: { NADIR_ENGINE: engine },
      include: ['test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...exclude],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

// Both suites load the binary themselves and compare engines: a second run adds nothing.
const portable = project('portable', ['test/boundary/**', 'test/parity/**']);
const native = project('native', []);
const ci = Boolean(process.env['CI']);

// Without a compiler there is no binary: the portable engine alone is tested. CI must have both.
const hasBinary = existsSync(path('./build/Release/nadir.node'));

export default defineConfig({
  test: {
    projects: hasBinary || ci ? [native, portable] : [portable],
    reporters: ci ? ['default', ['json', { outputFile: path('./build/test-report.json') }]] : ['default'],
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
