/** Tensors without elements, scalars, and the maximum rank. */
import * as tf from '@transfusion/tfjs';
import { attempt, mistake, type Attempt } from './attempt.js';

const zeros =
  (...shapes: number[][]): (() => tf.Tensor[]) =>
  () =>
    shapes.map((shape) => tf.zeros(shape));
const RANK_6 = zeros([1, 2, 1, 2, 1, 2]);

/** Each reduction with its result over no elements, as in TensorFlow; `cpu` has 0, NaN and false. */
const REDUCTIONS: [string, (x: tf.Tensor, axis?: number | number[]) => tf.Tensor, number][] = [
  ['sum', tf.sum, 0],
  ['mean', tf.mean, NaN],
  ['prod', tf.prod, 1],
  ['max', tf.max, -Infinity],
  ['min', tf.min, Infinity],
  ['logSumExp', tf.logSumExp, -Infinity],
];

export const EMPTINESS: readonly Attempt[] = [
  ...REDUCTIONS.flatMap(([name, reduce, ofNothing]) => {
    const pair = { reference: () => tf.fill([2], ofNothing) };
    return [
      attempt(`${name} of nothing`, zeros([0]), (x) => reduce(x), { reference: () => tf.scalar(ofNothing) }),
      attempt(`${name} of no rows`, zeros([0, 2]), (x) => reduce(x, 0), pair),
      attempt(`${name} of empty rows`, zeros([2, 0]), (x) => reduce(x, 1), pair),
      attempt(`${name} of no rows, each`, zeros([0, 2]), (x) => reduce(x, 1)),
      attempt(`${name} of a scalar`, zeros([]), (x) => reduce(x)),
      attempt(`${name} of 6 axes`, RANK_6, (x) => reduce(x, [1, 3])),
    ];
  }),
  attempt(
    'all of nothing',
    () => [tf.zeros([0, 2], 'bool')],
    (x) => tf.all(x, 0),
    {
      reference: () => tf.ones([2], 'bool'),
    },
  ),
  attempt(
    'any of nothing',
    () => [tf.zeros([0, 2], 'bool')],
    (x) => tf.any(x, 0),
  ),
  mistake('argMax of nothing', zeros([0]), (x) => tf.argMax(x), 'ArgMax', '[0]'),
  attempt('argMax of no rows', zeros([0, 2]), (x) => tf.argMax(x, 1)),
  attempt('argMax of a scalar', zeros([]), (x) => tf.argMax(x)),
  attempt('softmax of nothing', zeros([2, 0]), (x) => tf.softmax(x)),
  mistake('softmax of a scalar', zeros([]), (x) => tf.softmax(x)),
  attempt('sum along an axis named twice', zeros([2, 3]), (x) => tf.sum(x, [0, 0]), {
    reference: (x) => tf.sum(x, 0),
  }),
  attempt('reverse along an axis named twice', zeros([2, 3]), (x) => tf.reverse(x, [0, -2])),
  attempt('cumsum of nothing', zeros([0]), (x) => tf.cumsum(x)),
  attempt('cumprod of nothing', zeros([2, 0]), (x) => tf.cumprod(x, 1)),
  attempt('matMul of nothing', zeros([2, 0], [0, 3]), (a, b) => tf.matMul(a, b)),
  attempt('matMul without rows', zeros([0, 2], [2, 3]), (a, b) => tf.matMul(a, b)),
  attempt('matMul of no matrices', zeros([0, 2, 2], [0, 2, 2]), (a, b) => tf.matMul(a, b)),
  attempt('fused matMul of nothing with a bias', zeros([2, 0], [0, 3], [3]), (a, b, bias) =>
    tf.fused.matMul({ a, b, bias, activation: 'relu' }),
  ),
  attempt('einsum of nothing', zeros([2, 0], [0, 3]), (a, b) => tf.einsum('ij,jk->ik', a, b)),
  attempt('dot of nothing', zeros([0], [0]), (a, b) => tf.dot(a, b)),
  attempt('concat with nothing', zeros([0, 2], [3, 2]), (a, b) => tf.concat([a, b])),
  attempt('concat of nothing with nothing', zeros([0, 2], [0, 2]), (a, b) => tf.concat([a, b])),
  attempt('concat of scalars', zeros([], []), (a, b) => tf.concat([a, b])),
  attempt('stack of scalars', zeros([], []), (a, b) => tf.stack([a, b])),
  attempt('stack of nothing', zeros([0], [0]), (a, b) => tf.stack([a, b])),
  attempt('unstack of nothing', zeros([0, 2]), (x) => tf.unstack(x, 1)),
  attempt('split of nothing', zeros([0, 2]), (x) => tf.split(x, 2, 1)),
  attempt('tile of nothing', zeros([0]), (x) => tf.tile(x, [3])),
  attempt('tile no times', zeros([2]), (x) => tf.tile(x, [0])),
  attempt('pad nothing', zeros([0]), (x) => tf.pad(x, [[1, 2]], 7)),
  attempt('mirrorPad nothing', zeros([0]), (x) => tf.mirrorPad(x, [[0, 0]], 'reflect')),
  attempt('reverse of nothing', zeros([0, 2]), (x) => tf.reverse(x)),
  attempt('reverse of a scalar', zeros([]), (x) => tf.reverse(x)),
  attempt('transpose of nothing', zeros([0, 2]), (x) => tf.transpose(x)),
  attempt('transpose of 6 axes', RANK_6, (x) => tf.transpose(x, [5, 4, 3, 2, 1, 0])),
  attempt('reshape of nothing', zeros([0, 3]), (x) => tf.reshape(x, [3, 0, 5])),
  attempt('broadcast with nothing', zeros([0, 1], [1, 3]), (a, b) => tf.add(a, b)),
  attempt('broadcast to nothing', zeros([1, 3]), (x) => tf.broadcastTo(x, [0, 3])),
  attempt('broadcast over 6 axes', zeros([1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1]), (a, b) => tf.mul(a, b)),
  attempt(
    'where of nothing',
    () => [tf.zeros([0], 'bool'), tf.zeros([0]), tf.zeros([0])],
    (c, a, b) => tf.where(c, a, b),
  ),
  attempt('cast of nothing', zeros([0]), (x) => [x.toInt(), x.toBool()]),
  attempt('clip of nothing', zeros([0]), (x) => tf.clipByValue(x, 0, 1)),
  attempt('norm of nothing', zeros([0]), (x) => tf.norm(x)),
  attempt('moments of nothing', zeros([0, 2]), (x) => Object.values(tf.moments(x, 0)), {
    reference: () => [tf.fill([2], NaN), tf.fill([2], NaN)],
  }),
  attempt('diag of nothing', zeros([0]), (x) => tf.diag(x)),
  attempt('range of nothing', zeros(), () => tf.range(3, 3)),
  attempt('linspace of one', zeros(), () => tf.linspace(3, 5, 1)),
  attempt('fill nothing', zeros(), () => tf.fill([0, 2], 3)),
  attempt('eye of nothing', zeros(), () => tf.eye(0)),
  attempt('7 axes', zeros(), () => tf.zeros([1, 1, 1, 1, 1, 1, 1]).add(1)),
  attempt('depthToSpace of nothing', zeros([0, 2, 2, 4]), (x) => tf.depthToSpace(x as tf.Tensor4D, 2)),
  attempt('spaceToBatchND of nothing', zeros([0, 2, 2, 1]), (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ),
];
