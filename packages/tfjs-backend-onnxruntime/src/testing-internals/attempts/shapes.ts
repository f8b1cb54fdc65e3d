/** Mistakes of shape: each throws at the call of the op. */
import * as tf from '@transfusion/tfjs';
import { attempt, mistake, type Attempt } from './attempt.js';

const zeros =
  (...shapes: number[][]): (() => tf.Tensor[]) =>
  () =>
    shapes.map((shape) => tf.zeros(shape));
const mixed =
  (...tensors: [number[], tf.NumericDataType][]) =>
  (): tf.Tensor[] =>
    tensors.map(([shape, dtype]) => tf.zeros(shape, dtype));
const as = <T extends tf.Tensor>(x: tf.Tensor): T => x as T;

export const SHAPES: readonly Attempt[] = [
  mistake(
    'add: shapes do not broadcast',
    zeros([2, 3], [2, 4]),
    (a, b) => tf.add(a, b),
    'broadcast',
    '2,3',
    '2,4',
  ),
  mistake('sub: an empty tensor and two elements', zeros([0], [2]), (a, b) => tf.sub(a, b), 'broadcast'),
  mistake('maximum: shapes do not broadcast', zeros([3], [4]), (a, b) => tf.maximum(a, b), 'broadcast'),
  mistake(
    'where: shapes do not broadcast',
    mixed([[2], 'bool'], [[3], 'float32'], [[3], 'float32']),
    (c, a, b) => tf.where(c, a, b),
    'broadcast',
  ),
  mistake('addN: shapes differ', zeros([2], [3]), (a, b) => tf.addN([a, b]), 'addN'),
  mistake('addN of nothing', zeros(), () => tf.addN([]), 'addN'),
  mistake(
    'matMul: inner dimensions differ',
    zeros([2, 3], [4, 5]),
    (a, b) => tf.matMul(a, b),
    'matMul',
    '2,3',
    '4,5',
  ),
  mistake('matMul: batches do not broadcast', zeros([2, 2, 3], [3, 3, 2]), (a, b) => tf.matMul(a, b)),
  mistake('matMul of vectors with a matrix', zeros([3], [3, 2]), (a, b) => tf.matMul(a, b)),
  mistake('matMul of a scalar', zeros([], [2, 2]), (a, b) => tf.matMul(a, b)),
  mistake('fused matMul: bias does not fit', zeros([2, 3], [3, 4], [5]), (a, b, bias) =>
    tf.fused.matMul({ a, b, bias }),
  ),
  mistake(
    'fused matMul: inner dimensions differ',
    zeros([2, 3], [4, 5]),
    (a, b) => tf.fused.matMul({ a, b }),
    'matMul',
  ),
  mistake('dot: lengths differ', zeros([2], [3]), (a, b) => tf.dot(a, b), 'dot'),
  mistake('einsum: dimensions differ', zeros([2, 3], [4, 5]), (a, b) => tf.einsum('ij,jk->ik', a, b)),
  mistake('einsum: a missing operand', zeros([2, 3]), (a) => tf.einsum('ij,jk->ik', a)),
  mistake('einsum: the rank does not fit', zeros([2, 3]), (a) => tf.einsum('ijk->i', a)),
  mistake('einsum: an unknown label', zeros([2, 3]), (a) => tf.einsum('ij->k', a)),
  mistake('einsum without an arrow', zeros([2, 3]), (a) => tf.einsum('ij', a)),
  mistake('einsum: a label twice in a term', zeros([2, 2]), (a) => tf.einsum('ii->i', a)),
  mistake('reshape: sizes differ', zeros([2, 3]), (x) => tf.reshape(x, [4]), '2,3'),
  mistake('reshape: two unknown dimensions', zeros([2, 3]), (x) => tf.reshape(x, [-1, -1])),
  mistake('reshape: a dimension that does not divide', zeros([2, 3]), (x) => tf.reshape(x, [4, -1])),
  mistake('reshape: empty with an unknown dimension', zeros([0, 3]), (x) => tf.reshape(x, [0, -1])),
  mistake('transpose: a missing axis', zeros([2, 3]), (x) => tf.transpose(x, [0]), 'transpose'),
  mistake('transpose: an axis out of range', zeros([2, 3]), (x) => tf.transpose(x, [0, 2]), 'perm'),
  mistake('transpose: an axis twice', zeros([2, 3]), (x) => tf.transpose(x, [0, 0])),
  mistake('expandDims: axis out of range', zeros([2]), (x) => tf.expandDims(x, 3)),
  mistake('expandDims: negative axis out of range', zeros([2]), (x) => tf.expandDims(x, -3)),
  mistake('squeeze: an axis longer than one', zeros([2, 1]), (x) => tf.squeeze(x, [0])),
  mistake('concat: shapes differ', zeros([2, 3], [3, 3]), (a, b) => tf.concat([a, b], 1)),
  mistake('concat: ranks differ', zeros([2, 3], [3]), (a, b) => tf.concat([a, b], 0)),
  mistake('concat: axis out of range', zeros([2], [2]), (a, b) => tf.concat([a, b], 1)),
  mistake('concat of nothing', zeros(), () => tf.concat([]), 'concat'),
  mistake('stack: shapes differ', zeros([2], [3]), (a, b) => tf.stack([a, b])),
  mistake('stack: axis out of range', zeros([2], [2]), (a, b) => tf.stack([a, b], 2)),
  mistake('unstack: axis out of range', zeros([2]), (x) => tf.unstack(x, 1)),
  mistake('unstack of a scalar', zeros([]), (x) => tf.unstack(x)),
  mistake('split: sizes do not add up', zeros([5]), (x) => tf.split(x, [2, 2])),
  mistake('split: does not divide', zeros([5]), (x) => tf.split(x, 2)),
  mistake('split: a negative size', zeros([5]), (x) => tf.split(x, [-1, -1, 7])),
  mistake('slice: begins after the end', zeros([3]), (x) => tf.slice(x, [4], [1]), 'slice'),
  mistake('slice: longer than the tensor', zeros([3]), (x) => tf.slice(x, [1], [5]), 'slice'),
  mistake('slice: begins before the start', zeros([3]), (x) => tf.slice(x, [-1], [1])),
  mistake('slice: an axis too many', zeros([3]), (x) => tf.slice(x, [0, 0], [1, 1]), 'slice'),
  mistake('slice of a scalar', zeros([]), (x) => tf.slice(x, [0], [1]), 'Slicing'),
  mistake('stridedSlice: stride 0', zeros([3]), (x) => tf.stridedSlice(x, [0], [3], [0])),
  mistake('tile: a missing repeat', zeros([2, 3]), (x) => tf.tile(x, [2]), 'reps'),
  mistake('tile: a negative repeat', zeros([2]), (x) => tf.tile(x, [-1])),
  mistake('pad: a missing axis', zeros([2, 3]), (x) => tf.pad(x, [[1, 1]])),
  attempt('pad: a negative padding', zeros([4]), (x) => tf.pad(x, [[-1, 0]])),
  mistake(
    'mirrorPad: more than there is',
    zeros([2, 2]),
    (x) =>
      tf.mirrorPad(
        x,
        [
          [2, 0],
          [0, 0],
        ],
        'reflect',
      ),
    'padding',
  ),
  mistake('broadcastTo: does not fit', zeros([2, 3]), (x) => tf.broadcastTo(x, [2, 4]), 'broadcast', '2,3'),
  mistake('broadcastTo: a lower rank', zeros([2, 3]), (x) => tf.broadcastTo(x, [3])),
  mistake('reverse: axis out of range', zeros([2]), (x) => tf.reverse(x, 1)),
  mistake('sum: axis out of range', zeros([2]), (x) => tf.sum(x, 1), 'axis'),
  mistake('sum: axis far below', zeros([2]), (x) => tf.sum(x, -2), 'axis'),
  mistake('max: fractional axis', zeros([2, 2]), (x) => tf.max(x, 0.5), 'axis'),
  mistake('argMax: axis out of range', zeros([2]), (x) => tf.argMax(x, 1)),
  mistake('cumsum: axis out of range', zeros([2]), (x) => tf.cumsum(x, 1)),
  mistake('cumsum of a scalar', zeros([]), (x) => tf.cumsum(x)),
  mistake('cumprod of a scalar', zeros([]), (x) => tf.cumprod(x)),
  mistake('softmax along another axis', zeros([2, 3]), (x) => tf.softmax(x, 0), 'softmax'),
  mistake('topk: more than there are', zeros([3]), (x) => tf.topk(x, 4).values, 'k'),
  mistake('topk: negative', zeros([3]), (x) => tf.topk(x, -1).values),
  mistake('topk of a scalar', zeros([]), (x) => tf.topk(x, 1).values, 'topk'),
  mistake('gather: axis out of range', mixed([[3], 'float32'], [[1], 'int32']), (x, i) => tf.gather(x, i, 1)),
  mistake('gather of a scalar', mixed([[], 'float32'], [[1], 'int32']), (x, i) => tf.gather(x, i)),
  mistake('gather: batches differ', mixed([[3, 2], 'float32'], [[2, 2], 'int32']), (x, i) =>
    tf.gather(x, i, 1, 1),
  ),
  mistake(
    'gather: more batch axes than the indices have',
    mixed([[3, 2], 'float32'], [[3], 'int32']),
    (x, i) => tf.gather(x, i, 1, 2),
  ),
  mistake('gatherND: indices deeper than the tensor', mixed([[3, 2], 'float32'], [[1, 3], 'int32']), (x, i) =>
    tf.gatherND(x, i),
  ),
  mistake('gatherND of a scalar', mixed([[], 'float32'], [[1, 1], 'int32']), (x, i) => tf.gatherND(x, i)),
  mistake('scatterND: updates do not fit', mixed([[2, 1], 'int32'], [[3], 'float32']), (i, u) =>
    tf.scatterND(i, u, [4]),
  ),
  mistake('scatterND: indices deeper than the shape', mixed([[2, 3], 'int32'], [[2], 'float32']), (i, u) =>
    tf.scatterND(i, u, [4]),
  ),
  mistake(
    'tensorScatterUpdate: updates do not fit',
    mixed([[4], 'float32'], [[2, 1], 'int32'], [[3], 'float32']),
    (x, i, u) => tf.tensorScatterUpdate(x, i, u),
  ),
  mistake('sparseToDense: as many values as indices', mixed([[2], 'int32'], [[3], 'float32']), (i, v) =>
    tf.sparseToDense(i, v, [4], 0),
  ),
  mistake('oneHot: depth 0', mixed([[2], 'int32']), (x) => tf.oneHot(x, 0), 'oneHot', 'depth'),
  mistake('oneHot: depth 1', mixed([[2], 'int32']), (x) => tf.oneHot(x, 1), 'oneHot', 'depth'),
  mistake('unsortedSegmentSum: ids do not fit', mixed([[3, 2], 'float32'], [[2], 'int32']), (x, ids) =>
    tf.unsortedSegmentSum(x, as<tf.Tensor1D>(ids), 2),
  ),
  mistake(
    'searchSorted: rows differ',
    zeros([2, 3], [3, 1]),
    (s, v) => tf.searchSorted(s, v),
    'sortedSequence',
  ),
  mistake('bincount: a negative size', mixed([[2], 'int32'], [[2], 'float32']), (x, w) =>
    tf.bincount(as<tf.Tensor1D>(x), as<tf.Tensor1D>(w), -1),
  ),
  mistake('bincount: weights do not fit', mixed([[2], 'int32'], [[3], 'float32']), (x, w) =>
    tf.bincount(as<tf.Tensor1D>(x), as<tf.Tensor1D>(w), 2),
  ),
  mistake('range: step 0', zeros(), () => tf.range(0, 3, 0), 'step'),
  mistake('linspace: nothing', zeros(), () => tf.linspace(0, 1, 0)),
  mistake('fill: a negative size', zeros(), () => tf.fill([-1], 1)),
  mistake('zeros: a fractional size', zeros(), () => tf.zeros([1.5])),
  mistake('tensor: values do not fit the shape', zeros(), () => tf.tensor([1, 2, 3], [2, 2])),
  mistake('depthToSpace: channels do not divide', zeros([1, 2, 2, 3]), (x) =>
    tf.depthToSpace(as<tf.Tensor4D>(x), 2),
  ),
  mistake('spaceToBatchND: sides do not divide', zeros([1, 3, 3, 1]), (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ),
  mistake('batchToSpaceND: batch does not divide', zeros([3, 2, 2, 1]), (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ),
  mistake('batchToSpaceND: crops more than there is', zeros([4, 1, 1, 1]), (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [2, 2],
        [0, 0],
      ],
    ),
  ),
  mistake('prelu: slopes do not fit', zeros([2, 3], [2]), (x, alpha) => tf.prelu(x, alpha)),
];
