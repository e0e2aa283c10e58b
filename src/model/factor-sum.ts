// Takes common factors out of a sum of two products where that saves operations per data point:
// K₁·r − K₂·r² = r·(K₁ − K₂·r), and a·x + b·x = (a + b)·x with the sum computed once per fit.

import type { Builder } from './builder.ts';
import { fitKind, dataKind, pointKind } from './graph.ts';
import type { Node } from './graph.ts';
import { factorsOf } from './factors.ts';
import type { Factors } from './factors.ts';

/**
 * Multiplications between the parts of a product that remain per point: everything that depends
 * on parameters or constants is one part, everything that depends on predictors another.
 */
function units({ coefficient, bases, exponents }: Factors): number {
  let fit = 0, data = 0, point = 0;
  bases.forEach((base, i) => {
    if (base.kind === pointKind) point += Math.abs(exponents[i]!);
    else if (base.kind === dataKind) data = 1;
    else fit = 1;
  });
  if (coefficient !== 1 && data === 0) fit = 1;
  return fit + data + point;
}

function kindOf({ bases }: Factors): number {
  return bases.reduce((kind, base) => kind | base.kind, 0);
}

/** Operations of the sum of two products; a multiplication and an addition fuse. */
function sumCost(a: Factors, b: Factors): number {
  if ((kindOf(a) | kindOf(b)) !== pointKind) return 0;
  const multiplications =
    (kindOf(a) === pointKind ? units(a) - 1 : 0) + (kindOf(b) === pointKind ? units(b) - 1 : 0);
  return multiplications + (multiplications > 0 ? 0 : 1);
}

function common(a: Factors, b: Factors, isWanted: (kind: number) => boolean): Factors {
  const bases: Node[] = [], exponents: number[] = [];
  a.bases.forEach((base, i) => {
    const j = b.bases.indexOf(base);
    if (j < 0 || !isWanted(base.kind)) return;
    const n = a.exponents[i]!, m = b.exponents[j]!;
    if (n * m < 0) return;
    bases.push(base);
    exponents.push(n > 0 ? Math.min(n, m) : Math.max(n, m));
  });
  return { coefficient: 1, bases, exponents };
}

function without(a: Factors, part: Factors): Factors {
  const bases: Node[] = [], exponents: number[] = [];
  a.bases.forEach((base, i) => {
    const j = part.bases.indexOf(base);
    const n = a.exponents[i]! - (j < 0 ? 0 : part.exponents[j]!);
    if (n === 0) return;
    bases.push(base);
    exponents.push(n);
  });
  return { coefficient: a.coefficient, bases, exponents };
}

/** The factored sum, or null where it would not be cheaper. */
export function factorSum(builder: Builder, a: Node, b: Node): Node | null {
  const left = factorsOf(a), right = factorsOf(b);
  let best = sumCost(left, right), chosen: Factors | null = null;
  const candidates = [
    common(left, right, (kind) => kind === pointKind),
    common(left, right, (kind) => kind === fitKind),
    common(left, right, (kind) => kind === dataKind),
    common(left, right, () => true),
  ];
  for (const part of candidates) {
    if (part.bases.length === 0) continue;
    const cost = units(part) + sumCost(without(left, part), without(right, part));
    if (cost < best) {
      best = cost;
      chosen = part;
    }
  }
  if (chosen === null) return null;
  const [restA, restB] = [left, right].map((term) => {
    const { coefficient, bases, exponents } = without(term, chosen);
    return builder.product(coefficient, bases, exponents);
  });
  // The sum has fewer factors in common than before, so this ends.
  return builder.mul(
    builder.product(1, chosen.bases, chosen.exponents), builder.add(restA!, restB!));
}
