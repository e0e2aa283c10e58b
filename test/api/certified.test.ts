// Certified problems from both of their starts, at default options: right digits, and no claim of
// success without them.

import { describe, expect, it } from 'vitest';
import { curveFit, engineInfo, expr } from '../../src/index.ts';
import { binaryPath } from '../../src/engine/native.ts';
import { certifiedProblems, digitsOf, plainFunction, startOf } from '../data/certified.mjs';

const cases = certifiedProblems().flatMap((problem) =>
  problem.starts.map((_, which) => [problem.name, which + 1, problem, startOf(problem, which)] as const));
const schemes = ['2-point', '3-point'] as const;
const methods = ['lm', 'trf', 'dogbox', 'gauss-newton'] as const;

describe.each(cases)('%s from start %i', (_, __, problem, params) => {
  const { x, y, model, dof } = problem;

  it('has the certified digits, written as text', () => {
    const fit = curveFit({ x, y, model: expr(model), params });
    expect(fit.success).toBe(true);
    expect(fit.engine).toBe(engineInfo().name);
    expect(fit.stats.dof).toBe(dof);
    const digits = digitsOf(fit, problem);
    expect(digits.params).toBeGreaterThanOrEqual(8);
    expect(digits.stdErr).toBeGreaterThanOrEqual(7);
    expect(digits.ssr).toBeGreaterThanOrEqual(9);
  });

  it('has them as a plain function', () => {
    const fit = curveFit({ x, y, model: plainFunction(problem), params });
    expect(fit.success).toBe(true);
    expect(fit.warnings.map(({ code }) => code)).not.toContain('model-not-compiled');
    expect(digitsOf(fit, problem).params).toBeGreaterThanOrEqual(8);
  });

  // The best of the peers with differences: 53 of 54 runs with four digits, 49 with six.
  it.each(schemes)('has four digits by %s differences, or says that it has not', (jac) => {
    const fit = curveFit({ x, y, model: plainFunction(problem), params, jac });
    const { params: digits } = digitsOf(fit, problem);
    if (fit.success) expect(digits).toBeGreaterThanOrEqual(4);
    else expect(fit.warnings.map(({ code }) => code)).toContain('not-converged');
  });

  it.each(methods)('claims nothing false with method %s', (method) => {
    const fit = curveFit({ x, y, model: expr(model), params, method });
    if (fit.success) expect(digitsOf(fit, problem).params).toBeGreaterThanOrEqual(4);
    else expect(fit.warnings.map(({ code }) => code)).toContain('not-converged');
  });
});

describe('over all certified problems', () => {
  it('few fits by differences lack digits', () => {
    for (const [jac, least] of [['2-point', 0.8], ['3-point', 0.95]] as const) {
      const solved = cases.filter(([, , problem, params]) =>
        digitsOf(curveFit({ x: problem.x, y: problem.y, model: plainFunction(problem), params, jac }), problem).params >= 6);
      expect(solved.length / cases.length, jac).toBeGreaterThanOrEqual(least);
    }
  });

  it.runIf(engineInfo().name === 'native')('both engines have the same bits', () => {
    for (const [name, start, { x, y, model }, params] of cases) {
      const [one, other] = (['native', 'portable'] as const).map((engine) => curveFit({ x, y, model: expr(model), params, engine }));
      expect(one!.values, `${name} ${start}`).toEqual(other!.values);
      expect(one!.params, `${name} ${start}`).toEqual(other!.params);
      expect(one!.nIter, `${name} ${start}`).toBe(other!.nIter);
    }
  });

  // Set where another build of the binary is tested than the one in build/Release.
  const folder = process.env['NADIR_PREBUILD'];
  it.runIf(folder !== undefined && engineInfo().name === 'native')('the binary is the one that was asked for', () => {
    expect(binaryPath()!.startsWith(folder!)).toBe(true);
  });
});
