/** Values at the ends of their range. */
import * as tf from '@transfusion/tfjs';
import { attempt, type Attempt } from './attempt.js';

const ints = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
const floats = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const MIN = -(2 ** 31);
const MAX = 2 ** 31 - 1;

/** All pairs of zero, one and both ends of the range. */
const INT_PAIRS = (): tf.Tensor[] => [
  ints(0, 1, 5, -5, MIN, MIN, MAX, MAX, 0),
  ints(0, 0, 0, 0, -1, 0, -1, 0, MIN),
];

export const ARITHMETIC: readonly Attempt[] = [
  attempt('int32 division by zero', INT_PAIRS, (a, b) => tf.div(a, b)),
  attempt('int32 floorDiv by zero', INT_PAIRS, (a, b) => tf.floorDiv(a, b)),
  attempt('int32 mod by zero', INT_PAIRS, (a, b) => tf.mod(a, b)),
  attempt('int32 divNoNan', INT_PAIRS, (a, b) => tf.divNoNan(a, b)),
  attempt(
    'int32 division by a constant zero',
    () => [ints(1, MIN)],
    (a) => tf.div(a, tf.scalar(0, 'int32')),
  ),
  attempt(
    'int32 mod of a constant',
    () => [ints(0, -1)],
    (b) => tf.mod(tf.scalar(MIN, 'int32'), b),
  ),
  attempt(
    'int32 addition overflows',
    () => [ints(MAX, MIN), ints(1, -1)],
    (a, b) => tf.add(a, b),
  ),
  attempt(
    'int32 subtraction overflows',
    () => [ints(MIN, MAX), ints(1, -1)],
    (a, b) => tf.sub(a, b),
  ),
  attempt(
    'int32 product overflows',
    () => [ints(65536, 46341), ints(65536, 46341)],
    (a, b) => tf.mul(a, b),
  ),
  attempt(
    'int32 negation of the minimum',
    () => [ints(MIN)],
    (x) => tf.neg(x),
  ),
  attempt(
    'int32 sum overflows',
    () => [ints(MAX, MAX, MAX)],
    (x) => tf.sum(x),
  ),
  attempt(
    'int32 cumsum overflows',
    () => [ints(MAX, 1, 1)],
    (x) => tf.cumsum(x),
  ),
  attempt(
    'int32 product along an axis overflows',
    () => [ints(65536, 65536)],
    (x) => tf.prod(x),
  ),
  attempt(
    'int32 power: negative exponent',
    () => [ints(2, 1, 0, -1), ints(-1, -1, -1, -1)],
    (a, b) => tf.pow(a, b),
  ),
  attempt(
    'int32 power overflows',
    () => [ints(2, 2, 10, -3), ints(31, 40, 30, 33)],
    (a, b) => tf.pow(a, b),
  ),
  attempt(
    'int32 matrix product overflows',
    () => [ints(65536, 1).reshape([1, 2]), ints(65536, 1).reshape([2, 1])],
    (a, b) => tf.matMul(a, b),
  ),
  attempt(
    'float32 to int32 out of range',
    () => [floats(NaN, Infinity, -Infinity, 3e9, -3e9, 1e20, 2.9, -2.9)],
    (x) => x.toInt(),
  ),
  attempt(
    'float32 to bool',
    () => [floats(NaN, Infinity, 0, -0, 1e-40, -0.5)],
    (x) => x.toBool(),
  ),
  attempt(
    'int32 to float32 loses digits',
    () => [ints(MAX, MIN, 16777217)],
    (x) => x.toFloat(),
    { reference: () => floats(2 ** 31, MIN, 16777216) },
  ),
  attempt(
    'float32 overflows',
    () => [floats(3e38, -3e38), floats(3e38, 10)],
    (a, b) => tf.mul(a, b),
  ),
  attempt(
    'float32 division by zero',
    () => [floats(1, -1, 0), floats(0, 0, 0)],
    (a, b) => tf.div(a, b),
  ),
  attempt(
    'float32 floorDiv by zero',
    () => [floats(1, -1, 0), floats(0, 0, 0)],
    (a, b) => tf.floorDiv(a, b),
  ),
  attempt(
    'float32 mod',
    () => [floats(5, -5, 1, Infinity, 1), floats(0, 3, Infinity, 2, -3)],
    (a, b) => tf.mod(a, b),
  ),
  attempt(
    'domain errors',
    () => [floats(-1, 2, NaN, Infinity)],
    (x) => [tf.sqrt(x), tf.log(x), tf.acos(x), tf.atanh(x), tf.acosh(x), tf.rsqrt(x)],
  ),
  attempt(
    'NaN in extremes',
    () => [floats(1, NaN, 2)],
    (x) => [tf.max(x), tf.min(x), tf.relu(x), tf.clipByValue(x, 0, 1)],
  ),
  attempt(
    'NaN in maximum',
    () => [floats(1, NaN), floats(NaN, 1)],
    (a, b) => [tf.maximum(a, b), tf.minimum(a, b)],
  ),
  attempt(
    'infinities in softmax',
    () => [floats(1, Infinity, -Infinity)],
    (x) => tf.softmax(x),
  ),
  attempt(
    'only -Infinity in softmax',
    () => [floats(-Infinity, -Infinity)],
    (x) => tf.softmax(x),
  ),
  attempt(
    'infinities in logSumExp',
    () => [floats(-Infinity, 1)],
    (x) => tf.logSumExp(x),
  ),
  attempt(
    'clip with swapped bounds',
    () => [floats(1, 5)],
    (x) => tf.clipByValue(x, 3, 2),
  ),
  attempt(
    'a matrix product with NaN and Infinity',
    () => [floats(NaN, 1, Infinity, 0).reshape([2, 2]), floats(0, 1, 1, 0).reshape([2, 2])],
    (a, b) => tf.matMul(a, b),
  ),
  attempt(
    'denormal numbers',
    () => [floats(1e-40, -1e-40)],
    (x) => [tf.mul(x, 2), tf.add(x, 0), tf.sqrt(tf.abs(x))],
  ),
];
