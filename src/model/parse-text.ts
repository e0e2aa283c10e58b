// Models as text: a Pratt parser (Pratt 1973) over a closed language of numbers, names, operators
// and functions. `^` and `**` are powers, right-associative and above the sign: −x^2 is −(x²).
//
// Names are parameters in order of appearance, unless they are predictors. `pi` is the constant;
// `e` is a parameter like `a` to `d`, and `e^…`, which may mean Euler's number, is refused with
// the advice to write exp(…). Backquotes make any text a name: `dose mg`.

import { ExpressionBuilder, maxNodes, Refusal } from './expression-builder.ts';
import type { Node } from './graph.ts';
import { nearest } from './nearest.ts';
import { parsedModel } from './parsed-model.ts';
import type { ParsedModel } from './parsed-model.ts';
import { tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';
import { aliases, constants, knownFunctions, reserved } from './words.ts';

export const maxTextLength = 100000;
/** Parentheses, signs and powers within each other. */
export const maxDepth = 256;

/** Binding power of the infix operators; `!` and signs bind with 8, below powers. */
const binding: Readonly<Record<string, number>> = {
  '?': 1, '||': 2, '&&': 3, '==': 4, '!=': 4, '===': 4, '!==': 4,
  '<': 5, '<=': 5, '>': 5, '>=': 5, '+': 6, '-': 6, '*': 7, '/': 7, '%': 7, '^': 9, '**': 9,
};
const signBinding = 8;

export function readText(source: string, predictors: readonly string[]): ParsedModel {
  if (source.length > maxTextLength)
    throw new Refusal(`it is longer than ${maxTextLength} characters`, maxTextLength);
  const parser = new TextParser(tokenize(source), predictors);
  const root = parser.readAll();
  return parsedModel(root, predictors, parser.params);
}

class TextParser {
  readonly params: string[] = [];
  readonly #build = new ExpressionBuilder();
  readonly #tokens: readonly Token[];
  readonly #names = new Map<string, Node>();
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], predictors: readonly string[]) {
    this.#tokens = tokens;
    predictors.forEach((name, i) => this.#names.set(name, this.#build.graph.predictor(i)));
  }

  readAll(): Node {
    if (this.#next.kind === 'end') throw new Refusal('there is no expression', 0);
    const root = this.#expression(0);
    const rest = this.#next;
    if (rest.kind !== 'end') throw this.#unexpected(rest);
    return root;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }
  #is(text: string): boolean {
    return this.#next.kind === 'operator' && this.#next.text === text;
  }
  #take(text: string, what: string): void {
    const token = this.#next;
    if (!this.#is(text)) {
      if (token.kind === 'end' || token.kind === 'operator')
        throw new Refusal(`expected ${what}`, token.at);
      throw this.#unexpected(token);
    }
    this.#at++;
  }

  /** What follows an operand and is no operator: nearly always a multiplication left out. */
  #unexpected(token: Token): Refusal {
    if (token.text === ')') return new Refusal('there is no `(` for this `)`', token.at);
    const previous = this.#tokens[this.#at - 1];
    if (previous !== undefined && (token.kind !== 'operator' || token.text === '(')) {
      const hint = `write \`${previous.text}*${token.text}${token.text === '(' ? '…)' : ''}\``;
      return new Refusal(`expected an operator: ${hint} for a product`, token.at);
    }
    return new Refusal(`\`${token.text}\` is not expected here`, token.at);
  }

  #expression(least: number): Node {
    if (++this.#depth > maxDepth)
      throw new Refusal(`it is nested more than ${maxDepth} levels deep`, this.#next.at);
    let left = this.#operand();
    for (;;) {
      const { kind, text, at } = this.#next;
      const power = kind === 'operator' ? binding[text] ?? -1 : -1;
      if (power < 0 || power < least || (power === least && power !== 9 && power !== 1)) break;
      this.#at++;
      left = this.#infix(text, power, left, at);
    }
    this.#depth--;
    return left;
  }

  #infix(operator: string, power: number, left: Node, at: number): Node {
    const build = this.#build;
    switch (power) {
      case 1: {
        const yes = this.#expression(1);
        this.#take(':', '`:` and the value for when the condition does not hold');
        return build.select(left, yes, this.#expression(1));
      }
      case 2: return build.logical('or', left, this.#expression(power));
      case 3: return build.logical('and', left, this.#expression(power));
      case 4: case 5: {
        const result = build.compare(operator, left, this.#expression(power));
        const next = this.#next;
        if (next.kind === 'operator' && binding[next.text] === power)
          throw new Refusal('comparisons cannot be chained: join them with `&&`', next.at);
        return result;
      }
      case 9: {
        const base = this.#tokens[this.#at - 2];
        if (base?.text === 'e' && !base.quoted && !this.#isPredictor('e'))
          throw new Refusal(
            'write `exp(…)` for Euler\'s number, or the name in backquotes for a parameter `e`',
            base.at);
        return build.apply('pow', left, this.#expression(power));
      }
      default: {
        const result = build.arithmetic(operator, left, this.#expression(power));
        if (result === null) throw new Refusal(`\`${operator}\` is not expected here`, at);
        return result;
      }
    }
  }

  #operand(): Node {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'number') return this.#number(token);
    if (token.kind === 'name') return this.#name(token);
    switch (token.text) {
      case '(': {
        const inside = this.#expression(0);
        this.#take(')', '`)`');
        return inside;
      }
      case '-': return this.#build.apply('neg', this.#expression(signBinding));
      case '+': return this.#expression(signBinding);
      case '!': return this.#build.not(this.#expression(signBinding));
      default:
    }
    throw new Refusal(token.kind === 'end' ? 'the expression ends where a value is expected'
      : `\`${token.text}\` stands where a value is expected`, token.at);
  }

  #number(token: Token): Node {
    const next = this.#next;
    if (next.kind === 'name' && next.at === token.at + token.text.length)
      throw new Refusal(
        `a number and a name without an operator: write \`${token.text}*${next.text}\``, next.at);
    return this.#build.constant(Number(token.text));
  }

  #isPredictor(name: string): boolean {
    return this.#names.get(name)?.op === 'predictor';
  }

  #name({ text, at, quoted }: Token): Node {
    if (this.#is('(') && !quoted) return this.#call(text, at);
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (!quoted) {
      if (Object.hasOwn(constants, text)) return this.#build.constant(constants[text]!);
      if (knownFunctions.has(text))
        throw new Refusal(
          `\`${text}\` is a function: write \`${text}(…)\`, or the name in backquotes for a parameter`,
          at);
      if (reserved.has(text))
        throw new Refusal(`\`${text}\` is not a parameter name${reserved.get(text)}`, at);
    }
    const node = this.#build.graph.param(this.params.length);
    if (this.params.length > maxNodes) throw new Refusal('it has too many parameters', at);
    this.params.push(text);
    this.#names.set(text, node);
    return node;
  }

  #call(name: string, at: number): Node {
    const build = this.#build;
    if (!knownFunctions.has(name)) {
      if (this.#names.has(name) || Object.hasOwn(constants, name))
        throw new Refusal(
          `\`${name}\` is not a function: write \`${name}*(…)\` for a product`, at);
      const near = nearest(name, knownFunctions);
      throw new Refusal(`\`${name}\` is not a function that nadir knows` +
        (near === null ? `: write \`${name}*(…)\` for a product`
          : `: did you mean \`${near}\`?`), at);
    }
    this.#at++;
    const args: Node[] = [];
    if (!this.#is(')')) {
      args.push(this.#expression(0));
      while (this.#is(',')) {
        this.#at++;
        args.push(this.#expression(0));
      }
    }
    this.#take(')', `\`,\` or \`)\` in the call of \`${name}\``);
    const [a, b, c] = args;
    if (args.length === 0) throw new Refusal(`\`${name}\` needs an argument`, at);
    if (name === 'if') {
      if (args.length === 3) return build.select(a!, b!, c!);
      throw new Refusal('`if` takes a condition and two values: `if(x < a, b, c)`', at);
    }
    if (name === 'remainder' && args.length === 2) return build.apply('remainder', a!, b!);
    const result = build.call(Object.hasOwn(aliases, name) ? aliases[name]! : name, args);
    if (typeof result === 'string') throw new Refusal(result, at);
    return result;
  }
}
