// Exact derivatives, forward: one pass over the graph for each parameter, by rules chosen to
// share with the value (exp' is the value, tanh' = 1 − t²). Everything is built in normal form,
// so what value and derivatives have in common becomes the same nodes.
//
// At kinks (abs, min, max, conditions, rounding) the derivative is that of the branch taken. At
// removable singularities it is the limit: factors like 1/√u are kept finite at u = 0, so that a
// vanishing inner derivative gives 0 and not NaN.

import type { Builder } from './builder.ts';
import { factorsOf } from './factors.ts';
import type { Node } from './graph.ts';
import { dataKind, fitKind, isCondition, pointKind, reachable } from './graph.ts';
import { isPositive } from './sign.ts';

/** Below every positive value of √u, so that it only replaces 0. */
const smallestRoot = 1e-200;
/** Below every positive value of cbrt(u)². */
const smallestCubeRootSquare = 1e-250;
/** Far below the hypotenuses that can be told from 0 in a derivative. */
const smallestHypotenuse = 1e-300;
/** Leaves room for the other factors of a derivative. */
const largestInDenominator = 1e290;
const ln2 = 0.6931471805599453;
const ln10 = 2.302585092994046;
/** 2 / √π */
const twoOverRootPi = 1.1283791670955126;

/** ∂root/∂param for each of the parameters. */
export function differentiate(
  builder: Builder, root: Node, params: readonly number[],
): Node[] {
  builder.cancel = true;
  const order = reachable([root]);
  const limited = limitedNodes(order);
  return params.map((param) => derivative(builder, root, order, limited, param));
}

/**
 * Growing functions that some denominator contains. In 1/(1 + e^u) the derivative is
 * −e^u·u'/(1 + e^u)², which is ∞·0 where e^u overflows; their derivatives are therefore limited.
 */
function limitedNodes(order: readonly Node[]): ReadonlySet<Node> {
  if (!order.some(mayOverflow)) return new Set();
  const roots: Node[] = [];
  for (const node of order)
    if (node.op === 'product') node.args.forEach((base, i) => {
      if (node.exponents[i]! < 0) roots.push(base);
    });
  return new Set(reachable(roots).filter(mayOverflow));
}

function mayOverflow(node: Node): boolean {
  return node.op === 'exp' || node.op === 'exp2' || node.op === 'pow';
}

/** Derivatives by node; nodes that do not depend on the parameter are absent. */
type Derivatives = Map<Node, Node>;

function derivative(
  builder: Builder, root: Node, order: readonly Node[], limited: ReadonlySet<Node>,
  param: number,
): Node {
  const inner: Derivatives = new Map();
  for (const node of order) {
    let d = builder.zero;
    if (node.op === 'param') d = node.value === param ? builder.one : d;
    else if (!isCondition(node) && node.args.some((arg) => inner.has(arg)))
      d = chain(builder, node, inner, limited.has(node));
    if (d !== builder.zero) inner.set(node, d);
  }
  return inner.get(root) ?? builder.zero;
}

function chain(builder: Builder, node: Node, inner: Derivatives, limit: boolean): Node {
  if (node.op === 'product') return productRule(builder, node, inner);
  const zero = builder.zero;
  const [a, b, c] = node.args as [Node, Node, Node];
  const da = inner.get(a) ?? zero;
  const db = b === undefined ? zero : inner.get(b) ?? zero;
  switch (node.op) {
    case 'neg': return builder.neg(da);
    case 'mul': return builder.add(builder.mul(da, b), builder.mul(a, db));
    case 'add': return builder.add(da, db);
    case 'sub': return builder.sub(da, db);
    case 'select': return builder.select(a, db, inner.get(c) ?? zero);
    case 'minimum': return db === da ? da
      : builder.select(builder.apply('less', b, a), db, da);
    case 'maximum': return db === da ? da
      : builder.select(builder.apply('less', a, b), db, da);
    case 'remainder':
      return builder.sub(da, builder.mul(db, builder.apply('trunc', builder.div(a, b))));
    case 'div': return builder.mul(
      builder.sub(da, builder.mul(db, node)), builder.power(b, -1));
    case 'pow': return powRule(builder, node, a, b, da, db, limit);
    case 'atan2': return builder.mul(
      builder.sub(builder.mul(b, da), builder.mul(a, db)),
      builder.power(builder.add(builder.power(a, 2), builder.power(b, 2)), -1));
    case 'hypot': return builder.mul(
      builder.add(builder.mul(a, da), builder.mul(b, db)),
      builder.power(builder.apply('maximum', node, builder.constant(smallestHypotenuse)), -1));
    case 'faddeevaReal': case 'faddeevaImaginary':
      return faddeevaRule(builder, node, a, b, da, db);
    default: return builder.mul(slope(builder, node, a, limit), da);
  }
}

/**
 * w' = −2·z·w + 2i/√π at z = a + ib (DLMF 7.10.2). With A = −2·Re(zw) and B = 2/√π − 2·Im(zw) the
 * real part has derivatives A by a and −B by b, the imaginary part B by a and A by b.
 */
function faddeevaRule(
  builder: Builder, node: Node, a: Node, b: Node, da: Node, db: Node,
): Node {
  const isReal = node.op === 'faddeevaReal';
  const re = isReal ? node : builder.apply('faddeevaReal', a, b);
  const im = isReal ? builder.apply('faddeevaImaginary', a, b) : node;
  const along = builder.scale(builder.sub(builder.mul(b, im), builder.mul(a, re)), 2);
  const across = builder.sub(builder.constant(twoOverRootPi),
    builder.scale(builder.add(builder.mul(a, im), builder.mul(b, re)), 2));
  return isReal
    ? builder.sub(builder.mul(along, da), builder.mul(across, db))
    : builder.add(builder.mul(across, da), builder.mul(along, db));
}

/** f'(u) for the functions of one argument. */
function slope(builder: Builder, node: Node, u: Node, limit: boolean): Node {
  const one = builder.one;
  const number = (value: number): Node => builder.constant(value);
  const over = (value: Node): Node => builder.power(value, -1);
  const root = (value: Node): Node => builder.apply('sqrt', value);
  const square = (): Node => builder.power(u, 2);
  switch (node.op) {
    case 'exp': return limited(builder, node, limit);
    case 'exp2': return builder.scale(limited(builder, node, limit), ln2);
    case 'expm1': return builder.add(node, one);
    case 'log': return over(u);
    case 'log1p': return over(builder.add(u, one));
    case 'log2': return builder.scale(over(u), 1 / ln2);
    case 'log10': return builder.scale(over(u), 1 / ln10);
    case 'sqrt': return builder.scale(over(
      isPositive(u) ? node : builder.apply('maximum', node, number(smallestRoot))), 0.5);
    case 'cbrt': return builder.scale(
      over(builder.apply('maximum', builder.power(node, 2), number(smallestCubeRootSquare))),
      1 / 3);
    case 'abs': return builder.apply('sign', u);
    case 'sin': return builder.apply('cos', u);
    case 'cos': return builder.neg(builder.apply('sin', u));
    case 'tan': return builder.add(builder.power(node, 2), one);
    case 'asin': return over(root(builder.sub(one, square())));
    case 'acos': return builder.neg(over(root(builder.sub(one, square()))));
    case 'atan': return over(builder.add(square(), one));
    case 'sinh': return builder.apply('cosh', u);
    case 'cosh': return builder.apply('sinh', u);
    case 'tanh': return builder.sub(one, builder.power(node, 2));
    case 'asinh': return over(root(builder.add(square(), one)));
    case 'acosh': return over(root(builder.sub(square(), one)));
    case 'atanh': return over(builder.sub(one, square()));
    case 'erf': return builder.scale(builder.apply('exp', builder.neg(square())), twoOverRootPi);
    case 'erfc': return builder.scale(builder.apply('exp', builder.neg(square())), -twoOverRootPi);
    default: return builder.zero; // floor, ceil, trunc, round, sign: steps
  }
}

function limited(builder: Builder, value: Node, limit: boolean): Node {
  return limit ? builder.apply('minimum', value, builder.constant(largestInDenominator)) : value;
}

/** (Π bᵢ^nᵢ)' = Σ nᵢ·bᵢ'·Π/bᵢ */
function productRule(builder: Builder, node: Node, inner: Derivatives): Node {
  let varying = 0;
  node.args.forEach((base, i) => {
    if (base.kind === pointKind) varying += Math.abs(node.exponents[i]!);
  });
  let sum = builder.zero;
  node.args.forEach((base, i) => {
    const n = node.exponents[i]!;
    const d = inner.get(base);
    if (d === undefined) return;
    if (n < 0 && mayOverflow(base)) {
      // e^(−u) in disguise: the product itself times the logarithmic derivative.
      const rate = logarithmicDerivative(builder, base, inner);
      sum = builder.add(sum, builder.mul(node, builder.scale(rate, n)));
      return;
    }
    if (n < 0 && base.kind !== pointKind && (varying > 1 || builder.isPowered(node))) {
      // The value itself over a parameter: the product is there, and 1/b joins the other constants.
      const perBase = builder.mul(builder.power(base, -1), builder.scale(d, n));
      sum = builder.add(sum, builder.times(node, perBase));
      return;
    }
    const exponents = node.exponents.map((m, k) => (k === i ? m - 1 : m));
    const bases = node.args.filter((_, k) => exponents[k] !== 0);
    const rest = builder.product(
      node.value * n, bases, exponents.filter((m) => m !== 0));
    sum = builder.add(sum, builder.mul(rest, d));
  });
  return sum;
}

/** b'/b for b = e^u, 2^u, u^v */
function logarithmicDerivative(builder: Builder, base: Node, inner: Derivatives): Node {
  const [u, v] = base.args as [Node, Node];
  const du = inner.get(u) ?? builder.zero;
  if (base.op === 'exp') return du;
  if (base.op === 'exp2') return builder.scale(du, ln2);
  const dv = inner.get(v) ?? builder.zero;
  return builder.add(
    builder.mul(v, builder.mul(du, builder.power(u, -1))), builder.mul(dv, logarithm(builder, u)));
}

/** (u^v)' = v·u^(v−1)·u' + u^v·log(u)·v' */
function powRule(
  builder: Builder, node: Node, u: Node, v: Node, du: Node, dv: Node, limit: boolean,
): Node {
  const zero = builder.zero;
  const value = limited(builder, node, limit);
  let sum = zero;
  if (du !== zero) {
    // u^v·(v·u'/u), if the division cancels: (x/c)^v by c.
    const rate = builder.mul(du, builder.power(u, -1));
    const below = (): Node => builder.apply('pow', u, builder.sub(v, builder.one));
    if (isPositive(u) || !dividesPerPoint(rate))
      sum = builder.mul(value, builder.mul(v, rate));
    else if (v.kind === pointKind || u.kind !== pointKind)
      sum = builder.mul(builder.mul(v, below()), du);
    else {
      // A quotient is cheaper than a second power; at u = 0 the power of 0 says what the limit
      // is, and is computed once per fit.
      const power = builder.select(builder.apply('equal', u, zero),
        builder.apply('pow', zero, builder.sub(v, builder.one)),
        builder.mul(value, builder.power(u, -1)));
      sum = builder.mul(builder.mul(v, power), du);
    }
  }
  if (dv !== zero)
    sum = builder.add(sum, builder.mul(builder.mul(value, logarithm(builder, u)), dv));
  return sum;
}

/** Whether something that varies over the data stands in a denominator. */
function dividesPerPoint(node: Node): boolean {
  const { bases, exponents } = factorsOf(node);
  return bases.some((base, i) => (base.kind & dataKind) !== 0 &&
    (exponents[i] < 0 || base.op === 'div' || base.op === 'add' || base.op === 'sub'));
}

/**
 * log(u) as a factor of u^v, where u = 0 counts nothing. The logarithm of a product of predictors
 * and parameters is taken apart, so that it need not be computed for every point.
 */
function logarithm(builder: Builder, u: Node): Node {
  if (isPositive(u)) return builder.apply('log', u);
  const { coefficient, bases, exponents } = factorsOf(u);
  if (u.kind === pointKind && bases.every((base) => base.kind !== pointKind)) {
    const part = (kind: number, scale: number): Node => {
      const chosen = bases.map((base) => (base.kind === dataKind) === (kind === dataKind));
      return builder.product(
        scale, bases.filter((_, i) => chosen[i]), exponents.filter((_, i) => chosen[i]));
    };
    return builder.add(magnitudeLogarithm(builder, part(fitKind, coefficient)),
      magnitudeLogarithm(builder, part(dataKind, 1)));
  }
  return builder.select(
    builder.apply('equal', u, builder.zero), builder.zero, builder.apply('log', u));
}

function magnitudeLogarithm(builder: Builder, u: Node): Node {
  const value = builder.apply('log', builder.apply('abs', u));
  return builder.select(builder.apply('equal', u, builder.zero), builder.zero, value);
}
