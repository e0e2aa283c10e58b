// What expressions of a function can stand for while it is read: numbers are nodes of the graph,
// everything else exists only then. Variables live in scopes; assignments are journalled, so that
// the two branches of a condition can be read one after the other and merged.

import type {
  AnyNode, ArrowFunctionExpression, FunctionDeclaration, FunctionExpression,
} from 'acorn';
import type { ExpressionBuilder } from './expression-builder.ts';
import { Refusal } from './expression-builder.ts';
import type { Node } from './graph.ts';

export type FunctionNode = ArrowFunctionExpression | FunctionDeclaration | FunctionExpression;

/** A number, or one of the things that are not. */
export type Value = Node | Special;
export type Special =
  | { readonly tag: 'record'; readonly what: string; readonly entries: ReadonlyMap<string, Node> }
  | { readonly tag: 'array'; readonly items: readonly Value[] }
  /** The array that a function of residuals fills. */
  | { readonly tag: 'output'; readonly items: readonly Variable[] }
  | {
    readonly tag: 'function';
    readonly fn: FunctionNode;
    readonly scope: Scope;
    readonly source: Source;
  }
  | { readonly tag: 'builtin'; readonly name: string }
  | { readonly tag: 'namespace'; readonly name: 'Math' | 'Number' }
  | { readonly tag: 'text'; readonly text: string }
  /** What has no value, and why. */
  | { readonly tag: 'nothing'; readonly why: string };

export const undefinedValue: Value = { tag: 'nothing', why: 'is undefined' };
export const nullValue: Value = { tag: 'nothing', why: 'is null' };

export function isNumber(value: Value): value is Node {
  return 'op' in value;
}

/** Source text and where the positions of its syntax tree begin. */
export interface Source {
  readonly text: string;
  readonly offset: number;
}

export interface Variable {
  value: Value;
  readonly constant: boolean;
}

export class Scope {
  readonly #variables = new Map<string, Variable>();
  readonly parent: Scope | null;
  /** Whether `var` declarations land here. */
  readonly isFunction: boolean;

  constructor(parent: Scope | null, isFunction: boolean) {
    this.parent = parent;
    this.isFunction = isFunction;
  }

  declare(name: string, value: Value, constant: boolean): Variable {
    const variable: Variable = { value, constant };
    this.#variables.set(name, variable);
    return variable;
  }
  own(name: string): Variable | undefined {
    return this.#variables.get(name);
  }
  find(name: string): Variable | undefined {
    return this.#variables.get(name) ?? this.parent?.find(name);
  }
  get functionScope(): Scope {
    return this.isFunction || this.parent === null ? this : this.parent.functionScope;
  }
}

/** Values that variables had before a branch, in the order of their first change. */
type Journal = Map<Variable, Value>;

/** How a statement ends: goes on, has returned for certain, or leaves the loop or this round. */
export type Flow = 'next' | 'return' | 'break' | 'continue';

/** Reads the body of a function with its arguments bound. */
export type ReadBody = (reader: Reader, fn: FunctionNode, outer: Scope, args: readonly Value[]) => Value;

/** Calls within each other. */
const maxCallDepth = 40;

/** The state of reading one function. */
export class Reader {
  readonly build: ExpressionBuilder;
  readonly #readBody: ReadBody;
  source: Source;
  /** Whether the function being read has returned, and what: 0, 1 or a condition. */
  returned: Variable;
  result: Variable;
  #journals: Journal[] = [];
  #steps = 0;
  depth = 0;

  constructor(build: ExpressionBuilder, source: Source, readBody: ReadBody) {
    this.build = build;
    this.#readBody = readBody;
    this.source = source;
    this.returned = { value: build.constant(0), constant: false };
    this.result = { value: undefinedValue, constant: false };
  }

  /** The value of a call of a function of the source. */
  call(callee: Extract<Special, { tag: 'function' }>, args: readonly Value[], at: AnyNode): Value {
    if (this.depth >= maxCallDepth)
      throw this.refuse('functions that call themselves are not supported', at);
    const { source, returned, result } = this;
    this.depth++;
    this.source = callee.source;
    this.returned = { value: this.build.constant(0), constant: false };
    this.result = { value: undefinedValue, constant: false };
    const value = this.#readBody(this, callee.fn, callee.scope, args);
    this.depth--;
    this.source = source;
    this.returned = returned;
    this.result = result;
    return value;
  }

  /** `message` with the place in the source; every refusal goes through here. */
  refuse(message: string, node: AnyNode): Refusal {
    const at = Math.max(0, node.start - this.source.offset);
    const lines = this.source.text.slice(0, at).split('\n');
    return new Refusal(
      `${message} (line ${lines.length}, column ${lines[lines.length - 1]!.length + 1})`, at);
  }

  /** Counts work, so that nothing a function contains keeps the reader busy for long. */
  step(node: AnyNode): void {
    if (++this.#steps > maxSteps) throw this.refuse('the function takes too long to read', node);
  }

  assign(variable: Variable, value: Value): void {
    const journal = this.#journals[this.#journals.length - 1];
    if (journal !== undefined && !journal.has(variable)) journal.set(variable, variable.value);
    variable.value = value;
  }

  /**
   * Reads both branches of a condition from the same state and merges what they assigned.
   * A branch that returned for certain leaves the variables of the other.
   */
  branch<T>(
    condition: Node, yes: () => T, no: () => T, ended: (result: T) => boolean,
  ): [T, T] {
    const before: Journal = new Map();
    const run = (read: () => T): [T, Journal] => {
      const journal: Journal = new Map();
      this.#journals.push(journal);
      const result = read();
      this.#journals.pop();
      const after: Journal = new Map();
      for (const [variable, value] of journal) {
        after.set(variable, variable.value);
        before.set(variable, value);
        variable.value = value;
      }
      return [result, after];
    };
    const [resultA, afterA] = run(yes);
    const [resultB, afterB] = run(no);
    for (const [variable, value] of before) {
      const a = afterA.get(variable) ?? value, b = afterB.get(variable) ?? value;
      const isState = variable === this.returned || variable === this.result;
      const merged = isState || ended(resultA) === ended(resultB)
        ? this.merge(condition, a, b, variable === this.result)
        : ended(resultA) ? b : a;
      this.assign(variable, merged);
    }
    return [resultA, resultB];
  }

  /** condition ? a : b, also for what is not a number where both are the same. */
  merge(condition: Node, a: Value, b: Value, eitherWillDo = false): Value {
    if (a === b) return a;
    if (isNumber(a) && isNumber(b)) return this.build.select(condition, a, b);
    if (eitherWillDo) return isNumber(a) ? a : b;
    return { tag: 'nothing', why: 'is a number on one path only' };
  }
}

/** Steps of reading: loops are unrolled. */
const maxSteps = 1000000;
