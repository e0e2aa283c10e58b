// Tokens of text models. Identifiers may be any Unicode identifier, or anything in backquotes.

import { Refusal } from './expression-builder.ts';

export interface Token {
  readonly kind: 'number' | 'name' | 'operator' | 'end';
  readonly text: string;
  readonly at: number;
  /** A name in backquotes is never a constant or a function. */
  readonly quoted: boolean;
}

const numberPattern = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const namePattern = /[\p{ID_Start}_$][\p{ID_Continue}$]*/uy;
const spacePattern = /\s+/y;
const operators = [
  '===', '!==', '**', '<=', '>=', '==', '!=', '&&', '||',
  '+', '-', '*', '/', '%', '^', '(', ')', ',', '?', ':', '<', '>', '!',
];
/** Characters that look like operators, and what to write for them. */
const lookalikes: Readonly<Record<string, string>> = {
  '−': '-', '–': '-', '×': '*', '·': '*', '⋅': '*', '÷': '/',
  '[': '(', '{': '(', ']': ')', '}': ')', '²': '^2', '³': '^3', '√': 'sqrt(…)',
  '=': '==', '&': '&&', '|': '||', '≤': '<=', '≥': '>=', '≠': '!=',
};

export function isPlainName(name: string): boolean {
  namePattern.lastIndex = 0;
  const match = namePattern.exec(name);
  return match !== null && match[0].length === name.length;
}

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  let at = 0;
  while (at < source.length) {
    const space = match(spacePattern, at);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const number = match(numberPattern, at), name = match(namePattern, at);
    if (number !== null || name !== null) {
      const text = (number ?? name)!;
      tokens.push({ kind: number !== null ? 'number' : 'name', text, at, quoted: false });
      at += text.length;
      continue;
    }
    if (source[at] === '`') {
      const end = source.indexOf('`', at + 1);
      if (end < 0) throw new Refusal('the backquote is never closed', at);
      if (end === at + 1) throw new Refusal('there is no name between the backquotes', at);
      tokens.push({ kind: 'name', text: source.slice(at + 1, end), at, quoted: true });
      at = end + 1;
      continue;
    }
    const operator = operators.find((text) => source.startsWith(text, at));
    if (operator === undefined) throw unknownCharacter(source, at);
    tokens.push({ kind: 'operator', text: operator, at, quoted: false });
    at += operator.length;
  }
  tokens.push({ kind: 'end', text: '', at: source.length, quoted: false });
  return tokens;
}

function unknownCharacter(source: string, at: number): Refusal {
  const character = String.fromCodePoint(source.codePointAt(at)!);
  const instead = Object.hasOwn(lookalikes, character) ? lookalikes[character] : undefined;
  const hint = instead !== undefined ? `: write \`${instead}\``
    : character === '.' ? ': names have no members, write `exp(x)` for `Math.exp(x)`' : '';
  const shown = /\p{C}/u.test(character)
    ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
    : `\`${character}\``;
  return new Refusal(`${shown} has no meaning here${hint}`, at);
}
