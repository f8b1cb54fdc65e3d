import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';

/** Structure of a tree of tensors, without the tensors. */
export type TreeSpec =
  | { readonly kind: 'tensor'; readonly shape: readonly number[]; readonly dtype: tf.DataType }
  | { readonly kind: 'list'; readonly items: readonly TreeSpec[] }
  | { readonly kind: 'record'; readonly keys: readonly string[]; readonly items: readonly TreeSpec[] }
  | { readonly kind: 'static'; readonly value: unknown };

/** A tensor of a tree and its path, e.g. `[0].layers[2].weight`. */
export interface TreeLeaf {
  readonly path: string;
  readonly tensor: tf.Tensor;
}

/**
 * Describes a tree of tensors, arrays, plain objects and static leaves (numbers, strings, booleans,
 * null, undefined), and collects its tensors in order.
 *
 * @throws TransfusionError `invalid-argument` at anything else, with its path.
 */
export function describeTree(tree: unknown, where: string): { spec: TreeSpec; leaves: TreeLeaf[] } {
  const leaves: TreeLeaf[] = [];
  const visit = (node: unknown, path: string): TreeSpec => {
    if (node instanceof tf.Tensor) {
      leaves.push({ path, tensor: node });
      return { kind: 'tensor', shape: node.shape.slice(), dtype: node.dtype };
    }
    if (Array.isArray(node)) {
      return { kind: 'list', items: node.map((item, i) => visit(item, `${path}[${i}]`)) };
    }
    if (isPlainObject(node)) {
      const keys = Object.keys(node);
      return { kind: 'record', keys, items: keys.map((key) => visit(node[key], `${path}.${key}`)) };
    }
    if (typeof node === 'function' || (typeof node === 'object' && node !== null)) {
      const found = typeof node === 'function' ? 'a function' : `a ${node.constructor?.name ?? 'object'}`;
      throw new TransfusionError(
        'invalid-argument',
        `${where}: ${path || 'the value'} is ${found}; expected a tensor, an array or plain object of ` +
          'such, or a number, string, boolean, null or undefined.',
      );
    }
    return { kind: 'static', value: node };
  };
  return { spec: visit(tree, ''), leaves };
}

function isPlainObject(node: unknown): node is Record<string, unknown> {
  if (typeof node !== 'object' || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Returns true if `spec` describes `tree`, and appends its tensors to `tensors`. Allocates nothing:
 * this runs at each call of a compiled function.
 */
export function collectMatching(spec: TreeSpec, tree: unknown, tensors: tf.Tensor[]): boolean {
  switch (spec.kind) {
    case 'tensor': {
      if (!(tree instanceof tf.Tensor) || tree.dtype !== spec.dtype) return false;
      const { shape } = tree;
      if (shape.length !== spec.shape.length) return false;
      for (let i = 0; i < shape.length; i++) if (shape[i] !== spec.shape[i]) return false;
      tensors.push(tree);
      return true;
    }
    case 'list': {
      if (!Array.isArray(tree) || tree.length !== spec.items.length) return false;
      for (let i = 0; i < tree.length; i++) {
        if (!collectMatching(spec.items[i], tree[i], tensors)) return false;
      }
      return true;
    }
    case 'record': {
      if (!isPlainObject(tree) || tree instanceof tf.Tensor) return false;
      let count = 0;
      for (const key in tree) {
        if (key !== spec.keys[count]) return false;
        if (!collectMatching(spec.items[count], tree[key], tensors)) return false;
        count++;
      }
      return count === spec.keys.length;
    }
    case 'static':
      return Object.is(spec.value, tree);
  }
}

/** Builds a tree with the structure `spec` from `tensors`, in order. */
export function rebuildTree(spec: TreeSpec, tensors: Iterator<tf.Tensor>): unknown {
  switch (spec.kind) {
    case 'tensor':
      return tensors.next().value;
    case 'list':
      return spec.items.map((item) => rebuildTree(item, tensors));
    case 'record':
      return Object.fromEntries(spec.keys.map((key, i) => [key, rebuildTree(spec.items[i], tensors)]));
    case 'static':
      return spec.value;
  }
}

/** Describes the first difference between two structures, e.g. `[1].lr: 0.001 instead of 0.002`. */
export function firstDifference(before: TreeSpec, after: TreeSpec, path = ''): string | undefined {
  if (before.kind !== after.kind) return `${path}: ${summary(after)} instead of ${summary(before)}`;
  if (before.kind === 'list' || before.kind === 'record') {
    const items = (after as typeof before).items;
    if (items.length !== before.items.length) {
      return `${path}: ${items.length} entries instead of ${before.items.length}`;
    }
    for (let i = 0; i < items.length; i++) {
      const step = before.kind === 'list' ? `[${i}]` : `.${before.keys[i]}`;
      const found = firstDifference(before.items[i], items[i], path + step);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [was, is] = [summary(before), summary(after)];
  return was === is ? undefined : `${path}: ${is} instead of ${was}`;
}

function summary(spec: TreeSpec): string {
  switch (spec.kind) {
    case 'tensor':
      return `${spec.dtype}[${spec.shape.join()}]`;
    case 'static':
      return JSON.stringify(spec.value) ?? String(spec.value);
    case 'list':
    case 'record':
      return `a ${spec.kind} of ${spec.items.length}`;
  }
}
