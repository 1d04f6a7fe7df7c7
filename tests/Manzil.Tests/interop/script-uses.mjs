// What a page's script uses of the browser, one thing a line, from its syntax tree (acorn): Privacy/Pages/PhoneTests holds it to a list.
//   node script-uses.mjs file.js
// A name that the script does not declare is told with the whole path that follows it (navigator.credentials.get()), so that a part of
// it cannot be handed on; every other member by its name; every text and key as written. What could name a thing at run time is refused.
import { readFileSync } from 'node:fs';
import { parse } from 'acorn';

const uses = new Set();
const asked = [];

// Every kind of node that a script may hold. A kind that is not here is refused: computed names, eval's relatives, imports, tags.
const known = new Set([
  'Program', 'ExpressionStatement', 'BlockStatement', 'EmptyStatement', 'ReturnStatement', 'IfStatement', 'ThrowStatement', 'TryStatement', 'CatchClause',
  'ForStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement', 'BreakStatement', 'ContinueStatement', 'SwitchStatement', 'SwitchCase',
  'FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'VariableDeclaration', 'VariableDeclarator',
  'ArrayExpression', 'ObjectExpression', 'Property', 'UnaryExpression', 'UpdateExpression', 'BinaryExpression', 'AssignmentExpression', 'LogicalExpression',
  'ConditionalExpression', 'CallExpression', 'NewExpression', 'SequenceExpression', 'MemberExpression', 'ChainExpression', 'AwaitExpression',
  'SpreadElement', 'RestElement', 'ObjectPattern', 'ArrayPattern', 'AssignmentPattern', 'Identifier', 'Literal', 'TemplateLiteral', 'TemplateElement',
]);
const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

function refuse(node, why) {
  console.error(`${process.argv[2]}:${node.loc.start.line}: ${why}`);
  process.exit(1);
}

function children(node) {
  return Object.entries(node).filter(([key]) => key !== 'loc').flatMap(([, value]) => Array.isArray(value) ? value : [value]).filter((value) => value && typeof value.type === 'string');
}

function named(pattern) {
  switch (pattern?.type) {
    case 'Identifier': return [pattern.name];
    case 'ObjectPattern': return pattern.properties.flatMap((p) => named(p.value ?? p.argument));
    case 'ArrayPattern': return pattern.elements.flatMap(named);
    case 'AssignmentPattern': return named(pattern.left);
    case 'RestElement': return named(pattern.argument);
    default: return [];
  }
}

// What each part of the script declares, by the node that the names are valid in.
const declared = new Map();
function declare(node, scopes) {
  const isScope = functions.has(node.type) || ['Program', 'BlockStatement', 'ForStatement', 'ForOfStatement', 'SwitchStatement', 'CatchClause'].includes(node.type);
  const inside = isScope ? [...scopes, node] : scopes;
  if (isScope) declared.set(node, new Set());
  const add = (scope, names) => names.forEach((name) => declared.get(scope).add(name));
  if (functions.has(node.type)) add(node, node.params.flatMap(named));
  if (node.type === 'FunctionExpression' && node.id) add(node, [node.id.name]);
  if (node.type === 'FunctionDeclaration') add(scopes.at(-1), [node.id.name]);
  if (node.type === 'CatchClause') add(node, named(node.param));
  if (node.type === 'VariableDeclaration')
    add(node.kind === 'var' ? scopes.findLast((s) => functions.has(s.type) || s.type === 'Program') : scopes.at(-1), node.declarations.flatMap((d) => named(d.id)));
  children(node).forEach((child) => declare(child, inside));
}

function isOwn(name, path) {
  return path.some((node) => declared.get(node)?.has(name));
}

function key(node) {
  if (node.computed || !['Identifier', 'Literal'].includes(node.key.type)) refuse(node, 'a key that is computed');
  uses.add(`key ${node.key.name ?? node.key.value}`);
}

// How a member or a name is used: called, made anew, written, or read.
function how(node, parent) {
  if (parent.type === 'CallExpression' && parent.callee === node) return '()';
  if (parent.type === 'NewExpression' && parent.callee === node) return ' new';
  if ((parent.type === 'AssignmentExpression' && parent.left === node) || parent.type === 'UpdateExpression') return ' =';
  return parent.type === 'UnaryExpression' && parent.operator === 'delete' ? ' delete' : '';
}

function isTap(path) {
  return path.some((node, i) => functions.has(node.type) && path[i - 1]?.type === 'CallExpression' && path[i - 1].callee.type === 'MemberExpression'
    && path[i - 1].callee.property.name === 'addEventListener' && path[i - 1].arguments[0]?.value === 'click' && path[i - 1].arguments[1] === node);
}

function look(node, path) {
  if (!known.has(node.type)) refuse(node, `${node.type} has no place in a page's script`);
  const parent = path.at(-1);
  const inside = [...path, node];
  switch (node.type) {
    case 'Identifier':
      if (!isOwn(node.name, path)) root(node, path, node.name);
      return;
    case 'MemberExpression': {
      if (node.computed || node.property.type !== 'Identifier') refuse(node, 'a member whose name is computed');
      // A path that begins at a name of the browser's is told as one.
      if (node.object.type !== 'Super' && first(node) && !isOwn(first(node).name, path)) return root(first(node), path, dotted(node), node);
      uses.add(`.${node.property.name}${how(node, parent)}`);
      return look(node.object, inside);
    }
    case 'Property':
      key(node);
      return look(node.value, inside);
    case 'Literal':
      if (typeof node.value === 'string' && parent.directive === undefined) uses.add(`text ${JSON.stringify(node.value)}`);
      return;
    case 'TemplateElement':
      uses.add(`text ${JSON.stringify(node.value.cooked)}`);
      return;
    case 'BreakStatement':
    case 'ContinueStatement':
      return;
    default:
      return children(node).forEach((child) => look(child, inside));
  }
}

function first(node) {
  while (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') node = node.object;
  return node.type === 'Identifier' ? node : null;
}

function dotted(node) {
  return node.type === 'Identifier' ? node.name : `${dotted(node.object)}.${node.property.name}`;
}

function root(name, path, told, node = name) {
  const parent = path.at(-1);
  uses.add(`${told}${how(node, parent)}`);
  if (/\b(geolocation|getCurrentPosition|watchPosition)\b/.test(told)) asked.push(isTap(path));
}

const tree = parse(readFileSync(process.argv[2], 'utf8'), { ecmaVersion: 'latest', sourceType: 'script', locations: true });
declare(tree, []);
look(tree, []);
if (asked.length > 0) uses.add(`position asked ${asked.length} times, ${asked.filter((tap) => tap).length} after a tap`);
console.log([...uses].sort().join('\n'));
