// From normal form to the operations that engines have. Products become multiplications: first
// what depends on parameters alone is collected into one factor and what depends on predictors
// alone into another (both are computed outside the loop over points), then pairs of factors that
// occur together in several products are multiplied once, the most frequent pair first. A
// denominator that several products share is inverted once; one that occurs once is divided by.

import { dataKind, pointKind, reachable } from './graph.ts';
import type { Graph, Node } from './graph.ts';
import type { OpName } from './ops.ts';
import { sharePairs } from './share-pairs.ts';

/** The factors of one product, as numbers of atoms. */
interface Pending {
  readonly atoms: number[];
  readonly divisor: Node | null;
  /** The sign of the product is still to be applied. */
  readonly negate: boolean;
}

type Atom =
  | { readonly kind: 'node' | 'inverse' | 'swapped'; readonly node: Node }
  | { readonly kind: 'low'; readonly node: Node }
  | { readonly kind: 'pair'; readonly a: number; readonly b: number };

/** The roots in operations of the table, with shared subexpressions; `graph` receives the nodes. */
export function lower(graph: Graph, roots: readonly Node[]): Node[] {
  return new Lowering(graph, reachable(roots)).run(roots);
}

class Lowering {
  readonly #graph: Graph;
  readonly #order: readonly Node[];
  readonly #images = new Map<Node, Node>();
  readonly #pending = new Map<Node, Pending>();
  readonly #atoms: Atom[] = [];
  readonly #atomNumbers = new Map<string, number>();
  readonly #atomImages = new Map<number, Node>();
  readonly #one: Node;
  readonly #zero: Node;

  constructor(graph: Graph, order: readonly Node[]) {
    this.#graph = graph;
    this.#order = order;
    this.#one = graph.constant(1);
    this.#zero = graph.constant(0);
  }

  run(roots: readonly Node[]): Node[] {
    // What does not vary from point to point comes first: it supplies factors to the rest.
    for (const node of this.#order)
      if (node.kind !== pointKind) this.#images.set(node, this.#lowerOutside(node));
    this.#collect();
    const products = [...this.#pending.values()];
    sharePairs(products.map((product) => product.atoms), (a, b) =>
      this.#atom(`${a}*${b}`, { kind: 'pair', a, b }));
    for (const node of this.#order)
      if (node.kind === pointKind) this.#images.set(node, this.#lowerPoint(node));
    return roots.map((root) => this.#images.get(root)!);
  }

  #atom(key: string, atom: Atom): number {
    const known = this.#atomNumbers.get(key);
    if (known !== undefined) return known;
    this.#atoms.push(atom);
    this.#atomNumbers.set(key, this.#atoms.length - 1);
    return this.#atoms.length - 1;
  }

  // ------------------------------------------------------------ outside the loop over points

  #lowerOutside(node: Node): Node {
    switch (node.op) {
      case 'constant': return this.#graph.constant(node.value);
      case 'predictor': return this.#graph.predictor(node.value);
      case 'param': return this.#graph.param(node.value);
      case 'product': return this.#quotient(node.value, node.args, node.exponents);
      default: return this.#operation(node);
    }
  }

  #operation(node: Node): Node {
    const [a, b, c] = node.args.map((arg) => this.#images.get(arg)!);
    return this.#graph.apply(node.op as OpName, a!, b, c);
  }

  /** coefficient · numerators / denominators, with at most one division. */
  #quotient(coefficient: number, bases: readonly Node[], exponents: readonly number[]): Node {
    let over: Node | null = null, under: Node | null = null;
    for (const [i, base] of bases.entries()) {
      const n = exponents[i]!;
      const power = this.#power(this.#images.get(base)!, Math.abs(n));
      if (n > 0) over = over === null ? power : this.#graph.apply('mul', over, power);
      else under = under === null ? power : this.#graph.apply('mul', under, power);
    }
    if (over === null) over = this.#graph.constant(coefficient);
    else if (coefficient === -1) over = this.#graph.apply('neg', over);
    else if (coefficient !== 1)
      over = this.#graph.apply('mul', over, this.#graph.constant(coefficient));
    return under === null ? over : this.#graph.apply('div', over, under);
  }

  #power(base: Node, n: number): Node {
    let result: Node | null = null;
    for (let square = base, rest = n; ; square = this.#graph.apply('mul', square, square)) {
      if (rest & 1) result = result === null ? square : this.#graph.apply('mul', result, square);
      rest >>= 1;
      if (rest === 0) return result!;
    }
  }

  // ------------------------------------------------------------------ the products per point

  #collect(): void {
    const products = this.#order.filter((node) => node.op === 'product' && node.kind === pointKind);
    const uses = new Map<Node, number>();
    for (const product of products) product.args.forEach((base, i) => {
      const n = product.exponents[i]!;
      if (n < 0 && base.kind === pointKind) uses.set(base, (uses.get(base) ?? 0) - n);
    });
    for (const product of products) this.#pending.set(product, this.#factors(product, uses));
  }

  #factors(product: Node, uses: ReadonlyMap<Node, number>): Pending {
    const atoms: number[] = [];
    const bases: [Node[], Node[]] = [[], []], powers: [number[], number[]] = [[], []];
    let divisor: Node | null = null;
    for (const [i, base] of product.args.entries()) {
      const n = product.exponents[i]!;
      if (base.kind !== pointKind) {
        // Constants that could not be merged go with the parameters.
        const group = base.kind === dataKind ? 1 : 0;
        bases[group].push(base);
        powers[group].push(n);
      } else if (n === -1 && divisor === null && uses.get(base) === 1) divisor = base;
      else {
        const atom = n > 0 ? this.#atom(`${base.id}`, { kind: 'node', node: base })
          : this.#atom(`/${base.id}`, { kind: 'inverse', node: base });
        for (let k = 0; k < Math.abs(n); k++) atoms.push(atom);
      }
    }
    let coefficient = product.value;
    for (const group of [0, 1] as const) {
      if (bases[group].length === 0) continue;
      const low = this.#quotient(coefficient, bases[group], powers[group]);
      coefficient = 1;
      atoms.push(this.#low(low));
    }
    if (coefficient === -1 && divisor === null) return this.#signed(atoms, product);
    if (coefficient !== 1 || atoms.length === 0)
      atoms.push(this.#low(this.#graph.constant(coefficient)));
    return { atoms, divisor, negate: false };
  }

  #low(node: Node): number {
    return this.#atom(`=${node.id}`, { kind: 'low', node });
  }

  /** −Π: a difference among the factors is taken the other way round. */
  #signed(atoms: number[], product: Node): Pending {
    const at = product.args.findIndex(
      (base, i) => base.op === 'sub' && product.exponents[i] === 1);
    if (at < 0) return { atoms, divisor: null, negate: true };
    const base = product.args[at]!;
    atoms[atoms.indexOf(this.#atom(`${base.id}`, { kind: 'node', node: base }))] =
      this.#atom(`-${base.id}`, { kind: 'swapped', node: base });
    return { atoms, divisor: null, negate: false };
  }

  #lowerPoint(node: Node): Node {
    const product = this.#pending.get(node);
    if (product === undefined) return this.#operation(node);
    let result: Node | null = null;
    for (const atom of product.atoms) {
      const factor = this.#lowerAtom(atom);
      result = result === null ? factor : this.#graph.apply('mul', result, factor);
    }
    if (product.divisor !== null)
      result = this.#graph.apply('div', result ?? this.#one, this.#images.get(product.divisor)!);
    return product.negate ? this.#graph.apply('sub', this.#zero, result!) : result!;
  }

  #lowerAtom(number: number): Node {
    const known = this.#atomImages.get(number);
    if (known !== undefined) return known;
    const atom = this.#atoms[number]!;
    let image: Node;
    switch (atom.kind) {
      case 'low': image = atom.node; break;
      case 'node': image = this.#images.get(atom.node)!; break;
      case 'inverse':
        image = this.#graph.apply('div', this.#one, this.#images.get(atom.node)!);
        break;
      case 'swapped': {
        const [a, b] = atom.node.args as [Node, Node];
        image = this.#graph.apply('sub', this.#images.get(b)!, this.#images.get(a)!);
        break;
      }
      case 'pair':
        image = this.#graph.apply('mul', this.#lowerAtom(atom.a), this.#lowerAtom(atom.b));
        break;
    }
    this.#atomImages.set(number, image);
    return image;
  }
}

/** Joins multiplications per point with the one addition or subtraction that they feed. */
export function fuse(graph: Graph, roots: readonly Node[]): Node[] {
  const order = reachable(roots);
  const uses = new Map<Node, number>();
  const count = (node: Node): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of order) node.args.forEach(count);
  roots.forEach(count);
  const images = new Map<Node, Node>();
  const isFusible = (node: Node): boolean =>
    node.op === 'mul' && node.kind === pointKind && uses.get(node) === 1;
  const image = (node: Node): Node => images.get(node)!;
  const join = (op: OpName, product: Node, term: Node): Node =>
    graph.apply(op, image(product.args[0]), image(product.args[1]), image(term));
  for (const node of order) {
    const [a, b, c] = node.args as [Node, Node, Node];
    if (node.op === 'constant') images.set(node, graph.constant(node.value));
    else if (node.op === 'predictor') images.set(node, graph.predictor(node.value));
    else if (node.op === 'param') images.set(node, graph.param(node.value));
    else if ((node.op === 'add' || node.op === 'sub') && isFusible(a))
      images.set(node, join(node.op === 'add' ? 'mulAdd' : 'mulSub', a, b));
    else if ((node.op === 'add' || node.op === 'sub') && isFusible(b))
      images.set(node, join(node.op === 'add' ? 'mulAdd' : 'negMulAdd', b, a));
    else images.set(node,
      graph.apply(node.op as OpName, image(a), b && image(b), c && image(c)));
  }
  return roots.map(image);
}
