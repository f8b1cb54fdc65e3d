import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import type { NumericDtype } from '../backend/backend.js';
import {
  broadcasting,
  broadcastingShapes,
  EXTREMES,
  integers,
  numbers,
  shapes,
  tensorOf,
  type Values,
} from '../testing-internals/arbitraries.js';
import {
  checkKernelProperties,
  property,
  type KernelPropertyOptions,
  type KernelProperty,
} from '../testing-internals/kernel-property.js';
import { runKernel } from '../testing-internals/run-kernel.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

type Op = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type Pair = [TensorSpec, TensorSpec];

const ALL = ['float32', 'int32', 'bool'] as const;
const NUMERIC = ['float32', 'int32'] as const;

/** Two tensors of one element type, extremes included, that broadcast together. */
function pairs(
  dtypes: readonly NumericDtype[],
  values: Readonly<Partial<Record<NumericDtype, Values>>> = EXTREMES,
): fc.Arbitrary<Pair> {
  return broadcasting(2, { dtypes, values }) as fc.Arbitrary<Pair>;
}

function binary(
  kernel: string,
  dtypes: readonly NumericDtype[],
  op: Op,
  options: KernelPropertyOptions<Pair> = {},
): KernelProperty {
  return property(kernel, pairs(dtypes), op, options);
}

/** Element by element in plain JavaScript, with the conversion that storing to int32 means. */
function exactInt32(f: (a: number, b: number) => number): Op {
  return (a, b) => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const [x, y] = [a, b].map((t) => tf.add(t, tf.zeros(shape, 'int32')).dataSync());
    return tf.tensor(x.map((value: number, i: number) => f(value, y[i])) as Int32Array, shape, 'int32');
  };
}

/** The cpu backend stores 2 and 255 in bool tensors; here a bool is 0 or 1. */
function viaInt32(op: Op): Op {
  return (a, b) => op(a.toInt(), b.toInt()).toBool();
}

checkKernelProperties('binary', [
  binary('Add', NUMERIC, tf.add),
  binary('Add', ['bool'], tf.add, { variant: 'of bool', reference: viaInt32(tf.add) }),
  binary('Sub', NUMERIC, tf.sub),
  binary('Sub', ['bool'], tf.sub, { variant: 'of bool', reference: viaInt32(tf.sub) }),
  binary('Multiply', ['float32', 'bool'], tf.mul),
  // The cpu backend rounds products beyond 2^53 before it wraps them.
  binary('Multiply', ['int32'], tf.mul, { variant: 'of int32', reference: exactInt32(Math.imul) }),
  binary('RealDiv', ['float32'], tf.div),
  binary('RealDiv', ['bool'], tf.div, {
    variant: 'of bool',
    reference: (a, b) => tf.div(a.toFloat(), b.toFloat()),
  }),
  binary('FloorDiv', ALL, tf.floorDiv),
  binary('Mod', NUMERIC, tf.mod),
  binary('Pow', ['float32'], tf.pow),
  property('Pow', pairs(['int32'], { int32: integers(-5, 9) }), tf.pow, { variant: 'of int32' }),
  binary('Maximum', ALL, tf.maximum),
  binary('Minimum', ALL, tf.minimum),
  binary('SquaredDifference', ['float32', 'bool'], tf.squaredDifference),
  binary('SquaredDifference', ['int32'], tf.squaredDifference, {
    variant: 'of int32',
    reference: exactInt32((a, b) => Math.imul(a - b, a - b)),
  }),
  binary('Atan2', ['float32'], tf.atan2),
  binary('Equal', ALL, tf.equal),
  binary('NotEqual', ALL, tf.notEqual),
  binary('Greater', ALL, tf.greater),
  binary('GreaterEqual', ALL, tf.greaterEqual),
  binary('Less', ALL, tf.less),
  binary('LessEqual', ALL, tf.lessEqual),
  binary('LogicalAnd', ['bool'], tf.logicalAnd),
  binary('LogicalOr', ['bool'], tf.logicalOr),
  property(
    'BitwiseAnd',
    shapes().chain((s) =>
      fc.tuple(tensorOf(s, 'int32', EXTREMES.int32), tensorOf(s, 'int32', EXTREMES.int32)),
    ),
    tf.bitwiseAnd,
  ),
  binary('Prelu', NUMERIC, tf.prelu),
  property(
    'EluGrad',
    shapes().chain((s) => fc.tuple(tensorOf(s), tensorOf(s, 'float32', numbers(-1, 4)))),
    (dy, y) => runKernel('EluGrad', { dy, y }),
  ),
  property(
    'AddN',
    fc
      .tuple(shapes(), fc.constantFrom(...NUMERIC), fc.integer({ min: 1, max: 4 }))
      .chain(([shape, dtype, count]) =>
        fc.tuple(fc.array(tensorOf(shape, dtype), { minLength: count, maxLength: count })),
      ),
    (list) => tf.addN(list),
  ),
  property(
    'Select',
    fc
      .tuple(shapes(), fc.constantFrom(...ALL))
      .chain(([shape, dtype]) =>
        fc.tuple(tensorOf(shape, 'bool'), tensorOf(shape, dtype, EXTREMES[dtype]), tensorOf(shape, dtype)),
      ),
    (condition, a, b) => tf.where(condition, a, b),
  ),
  property(
    'Select',
    fc
      .tuple(broadcastingShapes(3, { empty: false }), fc.constantFrom(...ALL))
      .chain(([[c, a, b], dtype]) => fc.tuple(tensorOf(c, 'bool'), tensorOf(a, dtype), tensorOf(b, dtype))),
    (condition, a, b) => tf.where(condition, a, b),
    { variant: 'broadcasting' },
  ),
  property(
    'Select',
    shapes({ minRank: 1 }).chain((s) => fc.tuple(tensorOf([s[0]], 'bool'), tensorOf(s), tensorOf(s))),
    (condition, a, b) => runKernel('Select', { condition, t: a, e: b }),
    {
      variant: 'of rows',
      // The cpu backend repeats the first elements.
      reference: (condition, a, b) =>
        tf.where(condition.reshape(a.shape.map((dim, i) => (i === 0 ? dim : 1))), a, b),
    },
  ),
]);
