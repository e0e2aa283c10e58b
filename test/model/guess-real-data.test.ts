// Measurements, every group from the library's own guess: the reference fits are reached.

import { describe, expect, it } from 'vitest';
import { curveFit, engineInfo, expr, models, type AnyModel } from '../../src/index.ts';
import { numbers, readCsv, references } from '../api/data.ts';
import { rightDigits } from '../data/certified.mjs';

const ready: Readonly<Record<string, AnyModel<string>>> = {
  'dnase.csv': models.hill(),
  'puromycin.csv': models.michaelisMenten(),
  'theoph.csv': models.bateman(),
};

/** Names in the order in which two exponentials, or two rates, have changed places: the same curve. */
const exchanged: Readonly<Record<string, string[]>> = {
  'indometh.csv': ['A2', 'lrc2', 'A1', 'lrc1'],
  'theoph.csv': ['lKa', 'lKe', 'lCl'],
};

describe.each(references().map((reference) => [reference.data, reference] as const))('%s', (file, reference) => {
  const rows = readCsv(file);
  const groups = reference.fits.map(({ group, ssr, params, stdErr }) => {
    const own = rows.filter((row) => row[reference.by] === group);
    const names = file === 'theoph.csv' ? ['Dose', 'Time'] : [reference.x];
    return {
      group, ssr, params, stdErr, y: numbers(own, reference.y), x: numbers(own, reference.x),
      named: Object.fromEntries(names.map((name) => [name, numbers(own, name)])),
    };
  });

  it.skipIf(!(file in ready))('a ready model fits every group', () => {
    for (const { group, ssr, x, y } of groups) {
      const fit = curveFit({ model: ready[file], x, y });
      expect(fit.success, group).toBe(true);
      expect(fit.stats.ssr / ssr, group).toBeCloseTo(1, 7);
    }
  });

  it('the model of the reference fits every group from a guess for an unknown model', () => {
    const model = expr(reference.model, Object.keys(groups[0].named));
    for (const { group, ssr, params, stdErr, named, y } of groups) {
      const fit = curveFit({ model, x: named, y, params: model.guess(named, y) });
      expect(fit.success, group).toBe(true);
      expect(fit.engine).toBe(engineInfo().name);
      expect(fit.stats.ssr / ssr, group).toBeCloseTo(1, 7);
      const digits = [reference.paramNames, exchanged[file] ?? reference.paramNames]
        .map((names) => [
          rightDigits(names.map((name) => fit.values[name]!), params),
          rightDigits(names.map((name) => fit.params[name]!.stdErr), stdErr),
        ] as const)
        .sort(([a], [b]) => b - a)[0]!;
      expect(digits[0], group).toBeGreaterThanOrEqual(6);
      expect(digits[1], group).toBeGreaterThanOrEqual(4);
    }
  });
});
