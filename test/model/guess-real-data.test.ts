// Measurements, every group from the library's own guess: the reference sums of squares are reached.

import { describe, expect, it } from 'vitest';
import { curveFit, expr, models, type AnyModel } from '../../src/index.ts';
import { numbers, readCsv, references } from '../api/data.ts';

const ready: Readonly<Record<string, AnyModel<string>>> = {
  'dnase.csv': models.hill(),
  'puromycin.csv': models.michaelisMenten(),
  'theoph.csv': models.bateman(),
};

describe.each(references().map((reference) => [reference.data, reference] as const))('%s', (file, reference) => {
  const rows = readCsv(file);
  const groups = reference.fits.map(({ group, ssr }) => {
    const own = rows.filter((row) => row[reference.by] === group);
    const names = file === 'theoph.csv' ? ['Dose', 'Time'] : [reference.x];
    return {
      group, ssr, y: numbers(own, reference.y), x: numbers(own, reference.x),
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
    for (const { group, ssr, named, y } of groups) {
      const fit = curveFit({ model, x: named, y, params: model.guess(named, y) });
      expect(fit.success, group).toBe(true);
      expect(fit.stats.ssr / ssr, group).toBeCloseTo(1, 7);
    }
  });
});
