/**
 * Parameter trees: nested plain objects and arrays with tensors at the leaves. A leaf's dotted path
 * (`layers.0.attention.query.weight`) is its name in checkpoints.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';

/** A tree of tensors, as layers, optimizers and checkpoints use it. */
export type Params = tf.Tensor | readonly Params[] | { readonly [name: string]: Params };

/** Tensors by dotted path. */
export type FlatParams = Record<string, tf.Tensor>;

/**
 * Returns the tree's tensors by dotted path, in the tree's order. A single tensor has the path `''`.
 *
 * @throws TransfusionError `invalid-argument` if two tensors have the same path (`{ 'a.b': x, a: { b: y } }`)
 */
export function flattenParams(params: Params): FlatParams {
  const flat: FlatParams = {};
  visitParams(params, (tensor, path) => {
    if (Object.hasOwn(flat, path)) {
      throw new TransfusionError(
        'invalid-argument',
        `flattenParams: two tensors have the path '${path}'. Rename one; names best have no dots.`,
      );
    }
    flat[path] = tensor;
  });
  return flat;
}

/**
 * Calls `visit` for each tensor of the tree, in order.
 *
 * @throws TransfusionError `invalid-argument` for anything other than tensors, arrays and objects in the tree
 */
export function visitParams(
  params: Params,
  visit: (tensor: tf.Tensor, path: string) => void,
  prefix = '',
): void {
  checkNode(params, prefix);
  if (isTensor(params)) {
    visit(params, prefix);
    return;
  }
  for (const [name, child] of Object.entries(params)) {
    visitParams(child as Params, visit, prefix === '' ? name : `${prefix}.${name}`);
  }
}

/** Maps the tensors of a tree to a new tree of the same structure. */
export function mapParams<P extends Params>(
  params: P,
  fn: (tensor: tf.Tensor, path: string) => tf.Tensor,
): P {
  const map = (node: Params, path: string): Params => {
    checkNode(node, path);
    if (isTensor(node)) return fn(node, path);
    const childPath = (name: string): string => (path === '' ? name : `${path}.${name}`);
    if (isList(node)) return node.map((child, i) => map(child, childPath(String(i))));
    return Object.fromEntries(
      Object.entries(node).map(([name, child]) => [name, map(child, childPath(name))]),
    );
  };
  return map(params, '') as P;
}

/**
 * Builds a tree with the structure of `like` from the tensors of `flat`.
 *
 * @throws TransfusionError `mismatch` if a path is missing or unexpected, or a shape or dtype differs; the
 *   message lists the first few problems
 */
export function unflattenParams<P extends Params>(
  like: P,
  flat: Readonly<FlatParams>,
  where = 'unflattenParams',
): P {
  const expected = flattenParams(like);
  const problems = [
    ...Object.entries(expected).flatMap(([path, { shape, dtype }]) => {
      if (!Object.hasOwn(flat, path)) return [`'${path}' is missing`];
      const found = flat[path];
      const same = found.dtype === dtype && found.shape.join() === shape.join();
      return same ? [] : [`'${path}' is ${found.dtype} [${found.shape}], expected ${dtype} [${shape}]`];
    }),
    ...Object.keys(flat)
      .filter((path) => !Object.hasOwn(expected, path))
      .map((path) => `'${path}' is not a parameter`),
  ];
  if (problems.length > 0) {
    const more = problems.length > 3 ? ` (and ${problems.length - 3} more)` : '';
    throw new TransfusionError(
      'mismatch',
      `${where}: ${problems.slice(0, 3).join('; ')}${more}. The parameters belong to a different model or configuration.`,
    );
  }
  return mapParams(like, (_, path) => flat[path]);
}

/** Counts the elements of the tree's tensors. */
export function countParams(params: Params): number {
  return Object.values(flattenParams(params)).reduce((sum, { size }) => sum + size, 0);
}

/** Frees the tree's tensors. */
export function disposeParams(params: Params): void {
  visitParams(params, (tensor) => tensor.dispose());
}

/** Frees the tensors of a tree that `kept`, which replaces it, does not share. */
export function disposeReplaced(params: Params, kept: Params): void {
  const shared = new Set(Object.values(flattenParams(kept)));
  visitParams(params, (tensor) => {
    if (!shared.has(tensor)) tensor.dispose();
  });
}

/** Computes a tree as `tf.tidy` does: frees all other tensors that are created in the meantime. */
export function tidyParams<P extends Params>(compute: () => P): P {
  return tf.tidy(() => compute() as unknown as tf.TensorContainer) as unknown as P;
}

function checkNode(node: unknown, path: string): void {
  if (typeof node === 'object' && node !== null) return;
  throw new TransfusionError(
    'invalid-argument',
    `parameters: '${path}' is ${String(node)}, expected a tensor, or an array or object of tensors. Omit absent parameters.`,
  );
}

function isList(node: Params): node is readonly Params[] {
  return Array.isArray(node);
}

/** Recognizes a tensor by its members: `instanceof` fails across two copies of TensorFlow.js. */
function isTensor(node: Params): node is tf.Tensor {
  return 'dataId' in node && 'shape' in node;
}
