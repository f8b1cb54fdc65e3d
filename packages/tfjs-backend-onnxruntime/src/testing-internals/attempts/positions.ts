/** Positions that do not exist; ids and counts out of range. */
import * as tf from '@transfusion/tfjs';
import { attempt, type Attempt } from './attempt.js';

const ints = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
const floats = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const column = (...values: number[]): tf.Tensor2D => tf.tensor2d(values, [values.length, 1], 'int32');
const vector = (x: tf.Tensor): tf.Tensor1D => x as tf.Tensor1D;
/** Hides the values from checks that read them when the op is called. */
const computed = (x: tf.Tensor): tf.Tensor => tf.add(x, tf.scalar(0, 'int32'));

export const POSITIONS: readonly Attempt[] = [
  attempt(
    'gather beyond the end',
    () => [floats(1, 2, 3), ints(0, 3)],
    (x, i) => tf.gather(x, i),
    { messageParts: ['GatherV2', '3'] },
  ),
  attempt(
    'gather before the start',
    () => [floats(1, 2, 3), ints(-1)],
    (x, i) => tf.gather(x, i),
  ),
  attempt(
    'gather at computed positions beyond the end',
    () => [floats(1, 2, 3), ints(0, 3)],
    (x, i) => tf.gather(x, computed(i)),
    { messageParts: ['GatherV2'] },
  ),
  attempt(
    'gather far beyond the end',
    () => [floats(1, 2, 3), ints(2 ** 31 - 1, -(2 ** 31))],
    (x, i) => tf.gather(x, computed(i)),
  ),
  attempt(
    'gather from nothing',
    () => [tf.zeros([0, 2]), ints(0)],
    (x, i) => tf.gather(x, i),
  ),
  attempt(
    'gather nothing',
    () => [floats(1, 2), tf.zeros([0], 'int32')],
    (x, i) => tf.gather(x, i),
  ),
  attempt(
    'gather nothing from nothing',
    () => [tf.zeros([0, 2]), tf.zeros([0], 'int32')],
    (x, i) => tf.gather(x, i),
  ),
  attempt(
    'gather with batches beyond the end',
    () => [floats(1, 2, 3, 4).reshape([2, 2]), column(0, 2)],
    (x, i) => tf.gather(x, computed(i), 1, 1),
  ),
  attempt(
    'gatherND beyond the end',
    () => [floats(1, 2, 3), column(3)],
    (x, i) => tf.gatherND(x, computed(i)),
    { messageParts: ['GatherNd'] },
  ),
  attempt(
    'gatherND before the start',
    () => [floats(1, 2, 3), column(-1)],
    (x, i) => tf.gatherND(x, i),
  ),
  attempt(
    'gatherND from nothing',
    () => [tf.zeros([0, 2]), column(0)],
    (x, i) => tf.gatherND(x, i),
  ),
  attempt(
    'scatterND beyond the end',
    () => [column(0, 9), floats(1, 2)],
    (i, u) => tf.scatterND(computed(i), u, [4]),
    { messageParts: ['ScatterNd'] },
  ),
  attempt(
    'scatterND before the start',
    () => [column(-1), floats(1)],
    (i, u) => tf.scatterND(i, u, [4]),
  ),
  attempt(
    'scatterND into nothing',
    () => [column(0), floats(1)],
    (i, u) => tf.scatterND(i, u, [0]),
  ),
  attempt(
    'scatterND of nothing',
    () => [tf.zeros([0, 1], 'int32'), tf.zeros([0])],
    (i, u) => tf.scatterND(i, u, [3]),
  ),
  attempt(
    'scatterND adds up',
    () => [column(1, 1), floats(1, 2)],
    (i, u) => tf.scatterND(i, u, [3]),
  ),
  attempt(
    'tensorScatterUpdate beyond the end',
    () => [floats(1, 2), column(5), floats(9)],
    (x, i, u) => tf.tensorScatterUpdate(x, computed(i), u),
  ),
  attempt(
    'sparseToDense beyond the end',
    () => [ints(0, 9), floats(1, 2)],
    (i, v) => tf.sparseToDense(computed(i), v, [4], 0),
  ),
  attempt(
    'sparseToDense before the start',
    () => [ints(-1), floats(1)],
    (i, v) => tf.sparseToDense(i, v, [4], 0),
  ),
  attempt(
    'unsortedSegmentSum: ids out of range',
    () => [floats(1, 2, 3), ints(-1, 0, 7)],
    (x, ids) => tf.unsortedSegmentSum(x, vector(ids), 2),
  ),
  attempt(
    'unsortedSegmentSum: no segments',
    () => [floats(1), ints(0)],
    (x, ids) => tf.unsortedSegmentSum(x, vector(ids), 0),
    { expected: 'value' },
  ),
  attempt(
    'unsortedSegmentSum of nothing',
    () => [tf.zeros([0, 2]), tf.zeros([0], 'int32')],
    (x, ids) => tf.unsortedSegmentSum(x, vector(ids), 2),
  ),
  attempt(
    'oneHot: ids out of range',
    () => [ints(-1, 0, 3, 2 ** 31 - 1, -(2 ** 31))],
    (x) => tf.oneHot(x, 3),
  ),
  attempt(
    'oneHot of nothing',
    () => [tf.zeros([0], 'int32')],
    (x) => tf.oneHot(x, 3),
  ),
  attempt(
    'oneHot of a scalar',
    () => [tf.scalar(1, 'int32')],
    (x) => tf.oneHot(x, 3),
  ),
  attempt(
    'bincount: ids beyond the end',
    () => [ints(0, 5), floats(1, 1)],
    (x, w) => tf.bincount(vector(x), vector(w), 3),
  ),
  attempt(
    'bincount: negative ids',
    () => [ints(-1, 0), floats(1, 1)],
    (x, w) => tf.bincount(vector(x), vector(w), 3),
    { expected: 'value' },
  ),
  attempt(
    'bincount of nothing',
    () => [tf.zeros([0], 'int32'), tf.zeros([0])],
    (x, w) => tf.bincount(vector(x), vector(w), 3),
  ),
  attempt(
    'bincount into nothing',
    () => [ints(0), floats(1)],
    (x, w) => tf.bincount(vector(x), vector(w), 0),
  ),
  attempt(
    'denseBincount: ids out of range',
    () => [tf.tensor2d([0, 5, 2, 1], [2, 2], 'int32'), tf.zeros([0])],
    (x, w) => tf.denseBincount(x as tf.Tensor2D, w as tf.Tensor2D, 3),
  ),
  attempt(
    'topk of NaN',
    () => [floats(1, NaN, 3)],
    (x) => tf.topk(x, 2).values,
    { expected: 'value' },
  ),
  attempt(
    'topk: none',
    () => [floats(1, 2)],
    (x) => Object.values(tf.topk(x, 0)),
  ),
  attempt(
    'topk of nothing',
    () => [tf.zeros([2, 0])],
    (x) => Object.values(tf.topk(x, 0)),
  ),
  attempt(
    'searchSorted of NaN',
    () => [floats(1, 2, 3), floats(NaN, Infinity, -Infinity)],
    (s, v) => tf.searchSorted(s, v),
    { expected: 'value' },
  ),
  attempt(
    'lowerBound in nothing',
    () => [tf.zeros([0]), floats(1)],
    (s, v) => tf.lowerBound(s, v),
  ),
  attempt(
    'stridedSlice backwards past the start',
    () => [floats(1, 2, 3)],
    (x) => tf.stridedSlice(x, [9], [-9], [-1]),
  ),
  attempt(
    'stridedSlice of nothing',
    () => [floats(1, 2, 3)],
    (x) => tf.stridedSlice(x, [2], [1], [1]),
    { reference: () => tf.zeros([0]) },
  ),
  attempt(
    'stridedSlice of an empty tensor',
    () => [tf.zeros([0])],
    (x) => tf.stridedSlice(x, [0], [5], [2]),
  ),
  attempt(
    'slice of nothing',
    () => [floats(1, 2, 3)],
    (x) => tf.slice(x, [3], [0]),
  ),
  attempt(
    'slice of an empty tensor',
    () => [tf.zeros([0, 2])],
    (x) => tf.slice(x, [0, 1], [0, 1]),
  ),
];
