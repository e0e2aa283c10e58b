// Statements and calls: blocks, declarations, conditions with early returns, loops with constant
// bounds. Both branches of a condition are read and their variables merged by select; once a
// path may have returned, later results count only where it has not. Calls are inlined.

import type {
  AnyNode, ForOfStatement, ForStatement, IfStatement, Pattern, Statement,
  VariableDeclaration,
} from 'acorn';
import type { Node } from './graph.ts';
import { isConstant } from './graph.ts';
import {
  constructName, isCoverageCounter, readNamespace, readNumber, readValue,
} from './read-expression.ts';
import { isNumber, Scope, undefinedValue } from './values.ts';
import type { Flow, FunctionNode, Reader, Value } from './values.ts';

/** Binds the parameters and reads the body. */
export function readFunctionBody(
  reader: Reader, fn: FunctionNode, outer: Scope, args: readonly Value[],
): Value {
  if (fn.async) throw reader.refuse('an async function is not supported', fn);
  if (fn.generator) throw reader.refuse('a generator is not supported', fn);
  // A function expression knows itself by its name.
  const own = new Scope(outer, false);
  if (fn.type === 'FunctionExpression' && fn.id)
    own.declare(fn.id.name, { tag: 'function', fn, scope: outer, source: reader.source }, true);
  const scope = new Scope(own, true);
  fn.params.forEach((param, k) => bind(reader, scope, param, args[k] ?? undefinedValue, 'let'));
  if (fn.body.type !== 'BlockStatement') return readValue(reader, scope, fn.body);
  const flow = readBlock(reader, scope, fn.body.body);
  const done = reader.returned.value;
  if (flow !== 'return' && !(isNumber(done) && isConstant(done, 1))) {
    if (isNumber(done) && isConstant(done, 0)) return undefinedValue;
    throw reader.refuse('the function may end without returning a value', fn);
  }
  return reader.result.value;
}

// ------------------------------------------------------------------------------ statements

function readBlock(reader: Reader, scope: Scope, statements: readonly AnyNode[]): Flow {
  for (const statement of statements)
    if (statement.type === 'FunctionDeclaration' && statement.id !== null)
      scope.declare(statement.id.name,
        { tag: 'function', fn: statement as FunctionNode, scope, source: reader.source }, true);
  for (const statement of statements) {
    const flow = readStatement(reader, scope, statement);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

function readStatement(reader: Reader, scope: Scope, node: AnyNode): Flow {
  reader.step(node);
  switch (node.type) {
    case 'ExpressionStatement':
      if (node.expression.type !== 'Literal' && !isCoverageCounter(node.expression))
        readValue(reader, scope, node.expression);
      return 'next';
    case 'VariableDeclaration':
      readDeclaration(reader, scope, node);
      return 'next';
    case 'FunctionDeclaration': case 'EmptyStatement': return 'next';
    case 'ReturnStatement': {
      const value = node.argument ? readValue(reader, scope, node.argument) : undefinedValue;
      const done = reader.returned.value as Node;
      reader.assign(reader.result,
        isConstant(done, 0) ? value : reader.merge(done, reader.result.value, value));
      reader.assign(reader.returned, reader.build.constant(1));
      return 'return';
    }
    case 'BlockStatement': return readBlock(reader, new Scope(scope, false), node.body);
    case 'IfStatement': return readIf(reader, scope, node);
    case 'ForStatement': return readFor(reader, new Scope(scope, false), node);
    case 'ForOfStatement': return readForOf(reader, scope, node);
    case 'BreakStatement': case 'ContinueStatement':
      if (node.label) throw reader.refuse('a label is not supported', node);
      return node.type === 'BreakStatement' ? 'break' : 'continue';
    default: throw reader.refuse(`${constructName(node.type)} is not supported`, node);
  }
}

function readIf(reader: Reader, scope: Scope, node: IfStatement): Flow {
  const test = reader.build.condition(readNumber(reader, scope, node.test));
  const no = (): Flow =>
    node.alternate ? readStatement(reader, scope, node.alternate) : 'next';
  const yes = (): Flow => readStatement(reader, scope, node.consequent);
  if (test.op === 'constant') return test.value !== 0 ? yes() : no();
  const [a, b] = reader.branch(test, yes, no, (flow) => flow === 'return');
  if (a === b) return a;
  if ([a, b].some((flow) => flow === 'break' || flow === 'continue'))
    throw reader.refuse(
      'a loop that ends early depending on data or parameters is not supported', node);
  return 'next';
}

function readDeclaration(reader: Reader, scope: Scope, node: VariableDeclaration): void {
  if (node.kind !== 'const' && node.kind !== 'let' && node.kind !== 'var')
    throw reader.refuse(`\`${node.kind}\` is not supported`, node);
  for (const { id, init } of node.declarations) {
    // `var a;` leaves what a was.
    if (!init && node.kind === 'var' && id.type === 'Identifier' &&
        scope.functionScope.own(id.name) !== undefined) continue;
    const value = init ? readValue(reader, scope, init) : undefinedValue;
    bind(reader, scope, id, value, node.kind);
  }
}

/** Declares the names of a pattern. */
function bind(
  reader: Reader, scope: Scope, pattern: Pattern, value: Value, kind: 'const' | 'let' | 'var',
): void {
  switch (pattern.type) {
    case 'Identifier': {
      if (kind !== 'var') {
        scope.declare(pattern.name, value, kind === 'const');
        return;
      }
      const home = scope.functionScope;
      reader.assign(
        home.own(pattern.name) ?? home.declare(pattern.name, undefinedValue, false), value);
      return;
    }
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type !== 'Property')
          throw reader.refuse('a rest element `...` is not supported', property);
        const key = property.computed ? null
          : property.key.type === 'Identifier' ? property.key.name
          : property.key.type === 'Literal' ? String(property.key.value) : null;
        if (key === null) throw reader.refuse('a computed name is not supported', property);
        bind(reader, scope, property.value, entry(reader, value, key, property), kind);
      }
      return;
    case 'ArrayPattern':
      pattern.elements.forEach((element, k) => {
        if (element === null) return;
        bind(reader, scope, element, entry(reader, value, String(k), element), kind);
      });
      return;
    case 'AssignmentPattern':
      throw reader.refuse(
        'a default value is not supported: it would hide a missing parameter', pattern);
    default: throw reader.refuse(`${constructName(pattern.type)} is not supported`, pattern);
  }
}

function entry(reader: Reader, value: Value, key: string, at: AnyNode): Value {
  if (!isNumber(value) && value.tag === 'record') {
    const found = value.entries.get(key);
    if (found !== undefined) return found;
    throw reader.refuse(
      `\`${key}\` is not one of the ${value.what} (${[...value.entries.keys()].join(', ')})`, at);
  }
  if (!isNumber(value) && value.tag === 'array' && /^\d+$/.test(key))
    return value.items[Number(key)] ?? undefinedValue;
  if (!isNumber(value) && value.tag === 'namespace')
    return readNamespace(reader, value.name, key, at);
  throw reader.refuse('only the parameters, the predictors, arrays and Math can be taken apart', at);
}

// ---------------------------------------------------------------------------------- loops

function readFor(reader: Reader, scope: Scope, node: ForStatement): Flow {
  if (node.init?.type === 'VariableDeclaration') readDeclaration(reader, scope, node.init);
  else if (node.init) readValue(reader, scope, node.init);
  for (;;) {
    if (node.test) {
      const test = reader.build.condition(readNumber(reader, scope, node.test));
      if (test.op !== 'constant')
        throw reader.refuse(
          'a loop whose bounds depend on data or parameters is not supported', node.test);
      if (test.value === 0) return 'next';
    }
    const flow = readStatement(reader, scope, node.body);
    if (flow === 'break') return 'next';
    if (flow === 'return') return flow;
    if (node.update) readValue(reader, scope, node.update);
  }
}

function readForOf(reader: Reader, scope: Scope, node: ForOfStatement): Flow {
  const list = readValue(reader, scope, node.right);
  if (isNumber(list) || list.tag !== 'array' || node.left.type !== 'VariableDeclaration')
    throw reader.refuse(
      '`for … of` is supported over arrays written in the function only', node);
  const [declaration] = node.left.declarations;
  for (const item of list.items) {
    const round = new Scope(scope, false);
    bind(reader, round, declaration!.id, item, node.left.kind as 'const' | 'let' | 'var');
    const flow = readStatement(reader, round, node.body as Statement);
    if (flow === 'break') return 'next';
    if (flow === 'return') return flow;
  }
  return 'next';
}

