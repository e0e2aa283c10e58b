// Expressions of a function as values. Only what has one meaning on numbers is accepted; every
// other construct is refused by name and place.

import type {
  AnyNode, AssignmentExpression, BinaryExpression, CallExpression, Identifier, Literal,
  MemberExpression, Pattern, UnaryExpression, UpdateExpression,
} from 'acorn';
import type { Node } from './graph.ts';
import { isCondition } from './graph.ts';
import { mathConstants, mathFunctions, numberConstants, refusedGlobals } from './globals.ts';
import { isNumber, nullValue, undefinedValue } from './values.ts';
import type { Reader, Scope, Value, Variable } from './values.ts';

/** The value of an expression, which must be a number. */
export function readNumber(reader: Reader, scope: Scope, node: AnyNode): Node {
  const value = readValue(reader, scope, node);
  if (isNumber(value)) return value;
  throw reader.refuse(notANumber(value), node);
}

function notANumber(value: Exclude<Value, Node>): string {
  switch (value.tag) {
    case 'record': return `the ${value.what} are used as a number`;
    case 'array': case 'output': return 'an array is used as a number';
    case 'function': case 'builtin': return 'a function is used as a number';
    case 'namespace': return `\`${value.name}\` is used as a number`;
    case 'text': return 'a string is used as a number';
    case 'nothing': return `this value ${value.why}`;
  }
}

const equalities: ReadonlySet<string> = new Set(['==', '===', '!=', '!==']);
const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', ...equalities]);

export function readValue(reader: Reader, scope: Scope, node: AnyNode): Value {
  reader.step(node);
  const build = reader.build;
  switch (node.type) {
    case 'Literal': return readLiteral(reader, node);
    case 'Identifier': return readIdentifier(reader, scope, node);
    case 'UnaryExpression': return readUnary(reader, scope, node);
    case 'BinaryExpression': return readBinary(reader, scope, node);
    case 'MemberExpression': return readMember(reader, scope, node);
    case 'CallExpression': return readCall(reader, scope, node);
    case 'ConditionalExpression': {
      const test = build.condition(readNumber(reader, scope, node.test));
      if (test.op === 'constant')
        return readValue(reader, scope, test.value !== 0 ? node.consequent : node.alternate);
      const [a, b] = reader.branch(test,
        () => readValue(reader, scope, node.consequent),
        () => readValue(reader, scope, node.alternate), () => false);
      return reader.merge(test, a, b);
    }
    case 'LogicalExpression': {
      const left = readNumber(reader, scope, node.left);
      if (node.operator === '??') throw reader.refuse('`??` is not supported', node);
      const isAnd = node.operator === '&&';
      const test = build.condition(left);
      if (test.op === 'constant')
        return (test.value !== 0) === isAnd ? readValue(reader, scope, node.right) : left;
      // The right side is read as a branch, for it may assign.
      const [right] = reader.branch(isAnd ? test : build.not(test),
        () => readValue(reader, scope, node.right), () => left, () => false);
      if (isNumber(right) && isCondition(left) && isCondition(right))
        return build.logical(isAnd ? 'and' : 'or', left, right);
      return isAnd ? reader.merge(test, right, left) : reader.merge(test, left, right);
    }
    case 'SequenceExpression': {
      let last: Value = undefinedValue;
      for (const part of node.expressions)
        if (!isCoverageCounter(part)) last = readValue(reader, scope, part);
      return last;
    }
    case 'AssignmentExpression': return readAssignment(reader, scope, node);
    case 'UpdateExpression': return isCoverageCounter(node) ? undefinedValue
      : readUpdate(reader, scope, node);
    case 'ArrayExpression': return {
      tag: 'array',
      items: node.elements.map((element) => {
        if (element === null || element.type === 'SpreadElement')
          throw reader.refuse('spread and empty array elements are not supported', element ?? node);
        return readValue(reader, scope, element);
      }),
    };
    case 'ArrowFunctionExpression': case 'FunctionExpression':
      return { tag: 'function', fn: node, scope, source: reader.source };
    case 'ParenthesizedExpression': case 'ChainExpression':
      return readValue(reader, scope, node.expression);
    default: throw reader.refuse(`${constructName(node.type)} is not supported`, node);
  }
}

const constructNames: Readonly<Record<string, string>> = {
  TemplateLiteral: 'a template string', TaggedTemplateExpression: 'a template string',
  ObjectExpression: 'an object', NewExpression: '`new`', ThisExpression: '`this`',
  AwaitExpression: '`await`', YieldExpression: '`yield`', ClassExpression: 'a class',
  ImportExpression: '`import()`', MetaProperty: '`import.meta` or `new.target`',
  SpreadElement: 'a spread `...`', Super: '`super`', WhileStatement: 'a `while` loop',
  DoWhileStatement: 'a `do` loop', ForInStatement: 'a `for … in` loop',
  SwitchStatement: 'a `switch`', TryStatement: '`try`', ThrowStatement: '`throw`',
  LabeledStatement: 'a label', ClassDeclaration: 'a class', DebuggerStatement: '`debugger`',
  WithStatement: '`with`', RestElement: 'a rest element `...`',
  AssignmentPattern: 'a default value',
};

export function constructName(type: string): string {
  return constructNames[type] ?? `\`${type}\``;
}

function readLiteral(reader: Reader, node: Literal): Value {
  if (typeof node.value === 'number') return reader.build.constant(node.value);
  if (typeof node.value === 'boolean') return reader.build.constant(node.value ? 1 : 0);
  if (typeof node.value === 'string') return { tag: 'text', text: node.value };
  if (node.raw === 'null') return nullValue;
  throw reader.refuse(`the literal ${node.raw ?? ''} is not a number`, node);
}

function readIdentifier(reader: Reader, scope: Scope, node: Identifier): Value {
  const variable = scope.find(node.name);
  if (variable !== undefined) return variable.value;
  if (Object.hasOwn(numberConstants, node.name) && !node.name.includes('_'))
    return reader.build.constant(numberConstants[node.name]!);
  switch (node.name) {
    case 'undefined': return undefinedValue;
    case 'Math': case 'Number': return { tag: 'namespace', name: node.name };
    case 'isNaN': case 'isFinite': return { tag: 'builtin', name: node.name };
    case 'arguments': throw reader.refuse('`arguments` is not supported', node);
    default: throw reader.refuse(
      `the function captures \`${node.name}\`, which nadir cannot see: pass it as ` +
      `scope: { ${node.name} }`, node);
  }
}

function readUnary(reader: Reader, scope: Scope, node: UnaryExpression): Value {
  const build = reader.build;
  if (node.operator === 'void') {
    readValue(reader, scope, node.argument);
    return undefinedValue;
  }
  if (!['-', '+', '!'].includes(node.operator))
    throw reader.refuse(`\`${node.operator}\` is not supported`, node);
  const value = readNumber(reader, scope, node.argument);
  return node.operator === '-' ? build.apply('neg', value)
    : node.operator === '!' ? build.not(value) : value;
}

function readBinary(reader: Reader, scope: Scope, node: BinaryExpression): Value {
  if (equalities.has(node.operator)) {
    // `p == null` and `a === void 0`, which tools make of `?.` and of default values.
    const values = [readValue(reader, scope, node.left), readValue(reader, scope, node.right)];
    const empty = values.filter((value) => value === undefinedValue || value === nullValue);
    if (empty.length > 0) {
      const isStrict = node.operator.length === 3;
      const areEqual = empty.length === 2 && (!isStrict || values[0] === values[1]);
      return reader.build.constant(areEqual === node.operator.startsWith('!') ? 0 : 1);
    }
  }
  const left = readNumber(reader, scope, node.left), right = readNumber(reader, scope, node.right);
  if (comparisons.has(node.operator)) return reader.build.compare(node.operator, left, right);
  return combine(reader, node.operator, left, right, node);
}

function combine(reader: Reader, operator: string, left: Node, right: Node, at: AnyNode): Node {
  const result = operator === '^' ? null : reader.build.arithmetic(operator, left, right);
  if (result !== null) return result;
  throw reader.refuse(operator === '^' ? '`^` is exclusive or in JavaScript: write `**` for a power'
    : `\`${operator}\` is not supported`, at);
}

/** The name after the dot or between the brackets. */
function memberKey(reader: Reader, scope: Scope, node: MemberExpression): string {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : '#private';
  const key = readValue(reader, scope, node.property);
  if ('tag' in key && key.tag === 'text') return key.text;
  if (isNumber(key) && key.op === 'constant') return String(key.value);
  throw reader.refuse('an index or name that depends on data or parameters is not supported', node);
}

function readMember(reader: Reader, scope: Scope, node: MemberExpression): Value {
  const object = readValue(reader, scope, node.object);
  const key = memberKey(reader, scope, node);
  if (isNumber(object)) throw reader.refuse(`\`.${key}\` of a number is not supported`, node);
  switch (object.tag) {
    case 'record': {
      const entry = object.entries.get(key);
      if (entry !== undefined) return entry;
      if (key === 'length' && object.entries.has('0'))
        return reader.build.constant(object.entries.size);
      throw reader.refuse(
        `\`${key}\` is not one of the ${object.what} (${[...object.entries.keys()].join(', ')})`,
        node);
    }
    case 'array':
      if (key === 'length') return reader.build.constant(object.items.length);
      return /^\d+$/.test(key) ? object.items[Number(key)] ?? undefinedValue
        : unsupportedMember(reader, `\`.${key}\` of an array`, node);
    case 'output':
      return key === 'length' ? reader.build.constant(object.items.length)
        : outputItem(reader, object.items, key, node).value;
    case 'namespace': return readNamespace(reader, object.name, key, node);
    default: throw reader.refuse(`\`.${key}\` is not supported here`, node);
  }
}

function unsupportedMember(reader: Reader, what: string, node: AnyNode): never {
  throw reader.refuse(`${what} is not supported`, node);
}

export function readNamespace(
  reader: Reader, namespace: 'Math' | 'Number', key: string, node: AnyNode,
): Value {
  const constants = namespace === 'Math' ? mathConstants : numberConstants;
  if (Object.hasOwn(constants, key)) return reader.build.constant(constants[key]!);
  if (namespace === 'Math' ? mathFunctions.has(key) : key === 'isNaN' || key === 'isFinite')
    return { tag: 'builtin', name: key };
  const why = Object.hasOwn(refusedGlobals, key) ? `: ${refusedGlobals[key]}` : '';
  throw reader.refuse(`\`${namespace}.${key}\` is not supported${why}`, node);
}

function readCall(reader: Reader, scope: Scope, node: CallExpression): Value {
  if (node.callee.type === 'Identifier') {
    const { name } = node.callee;
    if (isNameKeeper(node, scope)) return readValue(reader, scope, node.arguments[0]!);
    if (name === '__pow' && scope.find(name) === undefined)
      return readBuiltin(reader, scope, 'pow', node);
    if (isCoverageName(name)) return undefinedValue;
  }
  const callee = readValue(reader, scope, node.callee);
  if (isNumber(callee)) throw reader.refuse('a number is called as a function', node);
  if (callee.tag === 'function') return reader.call(
    callee, node.arguments.map((arg) => readValue(reader, scope, arg)), node);
  if (callee.tag === 'namespace' && callee.name === 'Number' && node.arguments.length === 1)
    return readNumber(reader, scope, node.arguments[0]!);
  if (callee.tag !== 'builtin') throw reader.refuse('this call is not supported', node);
  return readBuiltin(reader, scope, callee.name, node);
}

function readBuiltin(reader: Reader, scope: Scope, name: string, node: CallExpression): Node {
  const build = reader.build;
  const args = node.arguments.map((arg) => readNumber(reader, scope, arg));
  if (name === 'isNaN' && args.length === 1) return build.compare('!=', args[0]!, args[0]!);
  if (name === 'isFinite' && args.length === 1)
    return build.compare('<', build.apply('abs', args[0]!), build.constant(Infinity));
  const result = build.call(name, args);
  if (typeof result === 'string') throw reader.refuse(result, node);
  return result;
}

/** `__name(function, "name")`, esbuild's way to keep names, whatever a minifier calls it. */
function isNameKeeper({ callee, arguments: args }: CallExpression, scope: Scope): boolean {
  return callee.type === 'Identifier' && scope.find(callee.name) === undefined &&
    args.length === 2 && args[1]!.type === 'Literal' && typeof args[1]!.value === 'string' &&
    (args[0]!.type === 'ArrowFunctionExpression' || args[0]!.type === 'FunctionExpression' ||
      (args[0]!.type === 'Identifier' && isFunctionName(args[0]!.name, scope)));
}

function isFunctionName(name: string, scope: Scope): boolean {
  const value = scope.find(name)?.value;
  return value !== undefined && !isNumber(value) && value.tag === 'function';
}

function outputItem(
  reader: Reader, items: readonly Variable[], key: string, at: AnyNode,
): Variable {
  const item = items[Number(key)];
  if (item !== undefined) return item;
  throw reader.refuse(`\`${key}\` is no index of the residuals, 0 to ${items.length - 1}`, at);
}

function variableOf(reader: Reader, scope: Scope, target: Pattern | AnyNode): Variable {
  if (target.type === 'MemberExpression') {
    const object = readValue(reader, scope, target.object);
    if (!isNumber(object) && object.tag === 'output')
      return outputItem(reader, object.items, memberKey(reader, scope, target), target);
  }
  if (target.type !== 'Identifier')
    throw reader.refuse('only variables of the function may be assigned', target);
  const variable = scope.find(target.name);
  if (variable === undefined)
    throw reader.refuse(
      `\`${target.name}\` is assigned, which is not a variable of the function`, target);
  if (variable.constant)
    throw reader.refuse(`\`${target.name}\` is constant and is assigned`, target);
  return variable;
}

function readAssignment(reader: Reader, scope: Scope, node: AssignmentExpression): Value {
  const variable = variableOf(reader, scope, node.left);
  let value: Value;
  if (node.operator === '=') value = readValue(reader, scope, node.right);
  else {
    const left = readNumber(reader, scope, node.left);
    value = combine(
      reader, node.operator.slice(0, -1), left, readNumber(reader, scope, node.right), node);
  }
  reader.assign(variable, value);
  return value;
}

function readUpdate(reader: Reader, scope: Scope, node: UpdateExpression): Value {
  const variable = variableOf(reader, scope, node.argument);
  const before = readNumber(reader, scope, node.argument);
  const after = reader.build.apply(
    node.operator === '++' ? 'add' : 'sub', before, reader.build.constant(1));
  reader.assign(variable, after);
  return node.prefix ? after : before;
}

function isCoverageName(name: string): boolean {
  return /^(cov_|__cov)/.test(name);
}

/** Istanbul's counters, `cov_1a2b().s[0]++`: they count, and change nothing else. */
export function isCoverageCounter(node: AnyNode): boolean {
  let inner: AnyNode = node.type === 'UpdateExpression' ? node.argument : node;
  while (inner.type === 'MemberExpression') inner = inner.object;
  return inner.type === 'CallExpression' && inner.callee.type === 'Identifier' &&
    isCoverageName(inner.callee.name);
}
