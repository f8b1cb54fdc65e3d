/**
 * Linear maps along single axes. Resizing and average pooling treat every row and every column alike,
 * so each is a small matrix per spatial axis, and its gradient the transposed matrices.
 */
import { matMul, reshape, swapLastTwo, where, zip } from '../graph/build.js';
import { scalar } from '../graph/emit.js';
import { constant, sizeOf, type Value } from '../graph/value.js';

/** Linear map along an axis: each output is a weighted sum of the same number of inputs. */
export interface AxisMap {
  readonly input: number;
  /** `terms[k]` has one index and one weight for each output; indices may lie outside of the axis. */
  readonly terms: readonly { readonly indices: readonly number[]; readonly weights: readonly number[] }[];
}

/** Computes the input gradient of applying `maps` to the spatial axes of [N, …spatial, C]. */
export function axisMapsGradient(dy: Value, maps: readonly AxisMap[]): Value {
  const shape = [...dy.shape];
  return maps.reduce((gradient, map, i) => {
    const axis = i + 1;
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const rows = reshape(gradient, [outer, shape[axis], inner]);
    shape[axis] = map.input;
    return reshape(matMul(swapLastTwo(matrixOf(map)), rows), shape);
  }, dy);
}

/**
 * Returns the matrix [outputs, inputs] of a map. The graph builds it from its few nonzero elements
 * (ONNX Runtime folds that away): as a constant it would dominate a model file and a cache key.
 */
function matrixOf({ input, terms }: AxisMap): Value {
  const outputs = terms[0].indices.length;
  const inputs = constant(
    Array.from({ length: input }, (_, i) => i),
    [1, input],
    'int32',
  );
  return terms
    .map(({ indices, weights }) => {
      const at = zip('Equal', constant(indices, [outputs, 1], 'int32'), inputs, 'bool');
      return where(at, constant(weights, [outputs, 1], 'float32'), scalar(0, 'float32'));
    })
    .reduce((sum, term) => zip('Add', sum, term));
}
