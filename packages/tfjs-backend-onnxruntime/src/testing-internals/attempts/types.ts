/** Mistakes of type: each throws at the call of the op. */
import * as tf from '@transfusion/tfjs';
import { attempt, mistake, type Attempt } from './attempt.js';

const some =
  (...tensors: [number[], tf.NumericDataType][]): (() => tf.Tensor[]) =>
  () =>
    tensors.map(([shape, dtype]) => tf.ones(shape, dtype));
const as = <T extends tf.Tensor>(x: tf.Tensor): T => x as T;

export const TYPES: readonly Attempt[] = [
  mistake(
    'logicalAnd of numbers',
    some([[2], 'float32'], [[2], 'float32']),
    (a, b) => tf.logicalAnd(a, b),
    'logicalAnd',
    'bool',
  ),
  mistake('logicalNot of int32', some([[2], 'int32']), (x) => tf.logicalNot(x), 'logicalNot', 'bool'),
  mistake(
    'where with numbers as condition',
    some([[2], 'float32'], [[2], 'float32'], [[2], 'float32']),
    (c, a, b) => tf.where(c, a, b),
    'where',
    'bool',
  ),
  attempt(
    'where with results of two types',
    some([[2], 'bool'], [[2], 'float32'], [[2], 'int32']),
    (c, a, b) => tf.where(c, a, b),
  ),
  mistake('cos of int32', some([[2], 'int32']), (x) => tf.cos(x), 'cos', 'float32'),
  mistake('bitwiseAnd of float32', some([[2], 'float32'], [[2], 'float32']), (a, b) => tf.bitwiseAnd(a, b)),
  mistake('all of numbers', some([[2], 'float32']), (x) => tf.all(x), 'all', 'bool'),
  mistake(
    'conv2d of int32',
    some([[1, 3, 3, 1], 'int32'], [[2, 2, 1, 1], 'int32']),
    (x, f) => tf.conv2d(as<tf.Tensor4D>(x), as<tf.Tensor4D>(f), 1, 'same'),
    'conv2d',
    'float32',
  ),
  mistake(
    'gather with float32 indices',
    some([[3], 'float32'], [[1], 'float32']),
    (x, i) => tf.gather(x, i),
    'gather',
    'int32',
  ),
  mistake('gatherND with float32 indices', some([[3], 'float32'], [[1, 1], 'float32']), (x, i) =>
    tf.gatherND(x, i),
  ),
  mistake('scatterND with float32 indices', some([[1, 1], 'float32'], [[1], 'float32']), (i, u) =>
    tf.scatterND(i, u, [3]),
  ),
  mistake('oneHot of float32', some([[2], 'float32']), (x) => tf.oneHot(x, 3), 'oneHot', 'int32'),
  mistake(
    'bincount of float32',
    some([[2], 'float32'], [[2], 'float32']),
    (x, w) => tf.bincount(as<tf.Tensor1D>(x), as<tf.Tensor1D>(w), 2),
    'bincount',
  ),
  mistake('unsortedSegmentSum with float32 ids', some([[2], 'float32'], [[2], 'float32']), (x, ids) =>
    tf.unsortedSegmentSum(x, as<tf.Tensor1D>(ids), 2),
  ),
  attempt('concat of two types', some([[2], 'float32'], [[2], 'int32']), (a, b) => tf.concat([a, b])),
  attempt('concat of bool and int32', some([[2], 'bool'], [[2], 'int32']), (a, b) => tf.concat([a, b])),
  attempt('stack of two types', some([[2], 'float32'], [[2], 'int32']), (a, b) => tf.stack([a, b])),
  attempt('addN of two types', some([[2], 'float32'], [[2], 'int32']), (a, b) => tf.addN([a, b])),
  attempt('add of two types', some([[2], 'float32'], [[2], 'int32']), (a, b) => tf.add(a, b)),
  attempt('add of bool and int32', some([[2], 'bool'], [[2], 'int32']), (a, b) => tf.add(a, b)),
  attempt('pow of two types', some([[2], 'int32'], [[2], 'float32']), (a, b) => tf.pow(a, b)),
  attempt('equal of two types', some([[2], 'int32'], [[2], 'float32']), (a, b) => tf.equal(a, b)),
  attempt('matMul of two types', some([[2, 2], 'int32'], [[2, 2], 'float32']), (a, b) => tf.matMul(a, b)),
  attempt('matMul of bool', some([[2, 2], 'bool'], [[2, 2], 'bool']), (a, b) => tf.matMul(a, b), {
    expected: 'value',
  }),
  attempt('einsum of int32', some([[2, 2], 'int32'], [[2, 2], 'int32']), (a, b) =>
    tf.einsum('ij,jk->ik', a, b),
  ),
  attempt('einsum of two types', some([[2, 2], 'int32'], [[2, 2], 'float32']), (a, b) =>
    tf.einsum('ij,jk->ik', a, b),
  ),
  attempt('prelu of two types', some([[2], 'int32'], [[2], 'float32']), (x, a) => tf.prelu(x, a)),
  attempt('topk of bool', some([[2], 'bool']), (x) => tf.topk(x, 1).values),
  attempt('pad of bool', some([[2], 'bool']), (x) => tf.pad(x, [[1, 1]])),
  attempt(
    'scatterND of bool',
    () => [tf.tensor2d([0, 2], [2, 1], 'int32'), tf.tensor1d([1, 1], 'bool')],
    (i, u) => tf.scatterND(i, u, [3]),
  ),
  attempt('norm of int32', some([[2], 'int32']), (x) => tf.norm(x)),
  attempt('mean of bool', some([[2], 'bool']), (x) => tf.mean(x)),
  attempt('maxPool of int32', some([[1, 2, 2, 1], 'int32']), (x) =>
    tf.maxPool(as<tf.Tensor4D>(x), 2, 1, 'valid'),
  ),
  attempt('resizeBilinear of int32', some([[1, 2, 2, 1], 'int32']), (x) =>
    tf.image.resizeBilinear(as<tf.Tensor4D>(x), [3, 3]),
  ),
  attempt('resizeNearestNeighbor of int32', some([[1, 2, 2, 1], 'int32']), (x) =>
    tf.image.resizeNearestNeighbor(as<tf.Tensor4D>(x), [3, 3]),
  ),
];
