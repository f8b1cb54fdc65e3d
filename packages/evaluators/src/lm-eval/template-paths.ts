/** Fields of documents that a parsed template reads. */
import type { parse } from '@huggingface/jinja';

type Program = ReturnType<typeof parse>;

/** A part of a parsed template. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Returns the fields that a template reads, such as `['choices', 'text']`: without variables that it sets, and those that it
 * tests with `is defined` or gives a default.
 */
export function requiredPaths(program: Program): readonly (readonly string[])[] {
  const paths: string[][] = [];
  const bound = new Set(['loop', 'range', 'namespace']);
  const visit = (node: Node): void => {
    switch (node.type) {
      case 'Identifier':
        paths.push([node.value as string]);
        return;
      case 'MemberExpression': {
        const path = pathOf(node);
        if (path !== undefined) paths.push([...path]);
        else {
          visit(node.object as Node);
          if (node.computed === true) visit(node.property as Node);
        }
        return;
      }
      case 'CallExpression': {
        const callee = node.callee as Node;
        // Methods and functions are not fields.
        if (callee.type === 'MemberExpression') visit(callee.object as Node);
        (node.args as Node[]).forEach(visit);
        return;
      }
      case 'FilterExpression': {
        const filter = node.filter as Node;
        const { value } = (filter.type === 'CallExpression' ? filter.callee : filter) as Node;
        if (value === 'default') bindRoots(node.operand as Node);
        else visit(node.operand as Node);
        if (filter.type === 'CallExpression') (filter.args as Node[]).forEach(visit);
        return;
      }
      case 'TestExpression':
        if (/^(un)?defined$/.test(String((node.test as Node).value))) bindRoots(node.operand as Node);
        else visit(node.operand as Node);
        return;
      case 'KeywordArgumentExpression':
        visit(node.value as Node);
        return;
      case 'For':
        bindRoots(node.loopvar as Node);
        break;
      case 'Set':
        bindRoots(node.assignee as Node);
        break;
      case 'Macro':
        [node.name as Node, ...(node.args as Node[])].forEach(bindRoots);
        break;
    }
    childrenOf(node).forEach(visit);
  };
  const bindRoots = (node: Node): void => {
    if (node.type === 'Identifier') bound.add(node.value as string);
    else childrenOf(node).forEach(bindRoots);
  };
  visit(program as unknown as Node);
  return paths.filter(([root]) => !bound.has(root));
}

/** Replaces `list.index(value)`, a method that the parser's lists lack, by a call of `index_of`. */
export function callsOfIndex(program: Program): Program {
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (value instanceof Map)
      return new Map([...value].map(([key, part]) => [replaced(key), replaced(part)]));
    if (!isNode(value)) return value;
    const node = Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, replaced(part)]),
    ) as Node;
    const callee = node.callee as Node | undefined;
    if (node.type !== 'CallExpression' || callee?.type !== 'MemberExpression') return node;
    if (callee.computed === true || (callee.property as Node).value !== 'index') return node;
    const name: Node = { type: 'Identifier', value: 'index_of' };
    return { ...node, callee: name, args: [callee.object, ...(node.args as Node[])] };
  };
  return replaced(program) as Program;
}

/** Returns the names of `a.b.c`; undefined for anything else. */
function pathOf(node: Node): readonly string[] | undefined {
  if (node.type === 'Identifier') return [node.value as string];
  if (node.type !== 'MemberExpression' || node.computed === true) return undefined;
  const object = pathOf(node.object as Node);
  return object === undefined ? undefined : [...object, (node.property as Node).value as string];
}

function childrenOf(node: Node): Node[] {
  const nodesIn = (value: unknown): Node[] => {
    if (Array.isArray(value)) return value.flatMap(nodesIn);
    if (value instanceof Map) return [...value].flat().flatMap(nodesIn);
    return isNode(value) ? [value] : [];
  };
  // Operators are tokens, of which `in` has the type of a name.
  const { operator: _, ...fields } = node;
  return Object.values(fields).flatMap(nodesIn);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';
}
