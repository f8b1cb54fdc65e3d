/** Tensors larger than the memory of any machine. */
import * as tf from '@transfusion/tfjs';
import { attempt, type Attempt } from './attempt.js';

const HUGE = 2 ** 40;
const none = (): tf.Tensor[] => [];
const one = (): tf.Tensor[] => [tf.ones([1, 1])];
const THROWS = { expected: 'throws' } as const;

export const EXCESS: readonly Attempt[] = [
  attempt('zeros', none, () => tf.zeros([HUGE]), THROWS),
  attempt('fill', none, () => tf.fill([2 ** 30, 2 ** 30], 1), THROWS),
  attempt(
    'fill of more elements than a number can count',
    none,
    () => tf.fill([2 ** 53, 2 ** 53, 2 ** 53], 1),
    THROWS,
  ),
  attempt('tile', one, (x) => tf.tile(x, [2 ** 20, 2 ** 20]), THROWS),
  attempt('a sum over something tiled', one, (x) => tf.sum(tf.tile(x, [2 ** 22, 2 ** 22])), THROWS),
  attempt('broadcastTo', one, (x) => tf.broadcastTo(x, [2 ** 22, 2 ** 22]), THROWS),
  attempt(
    'a sum over something broadcast',
    () => [tf.ones([2 ** 10, 1])],
    (x) => tf.sum(tf.broadcastTo(x, [2 ** 10, 2 ** 34])),
    THROWS,
  ),
  attempt(
    'an outer product',
    () => [tf.ones([2 ** 21, 1]), tf.ones([1, 2 ** 21])],
    (a, b) => tf.matMul(a, b),
    THROWS,
  ),
  attempt(
    'oneHot',
    () => [tf.zeros([4], 'int32')],
    (x) => tf.oneHot(x, HUGE),
    THROWS,
  ),
  attempt(
    'pad',
    () => [tf.ones([1])],
    (x) => tf.pad(x, [[0, HUGE]]),
    THROWS,
  ),
  attempt(
    'resizeNearestNeighbor',
    () => [tf.ones([1, 1, 1, 1])],
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2 ** 22, 2 ** 22]),
    THROWS,
  ),
  attempt(
    'conv2d with padding',
    () => [tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 1])],
    (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 2 ** 30),
    THROWS,
  ),
  attempt(
    'unsortedSegmentSum',
    () => [tf.ones([2]), tf.zeros([2], 'int32')],
    (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, HUGE),
    THROWS,
  ),
  attempt(
    'scatterND',
    () => [tf.zeros([1, 1], 'int32'), tf.ones([1])],
    (i, u) => tf.scatterND(i, u, [HUGE]),
    THROWS,
  ),
  attempt(
    'diag',
    () => [tf.ones([2 ** 20])],
    (x) => tf.diag(x),
    THROWS,
  ),
  attempt('eye', none, () => tf.eye(2 ** 24), THROWS),
];
