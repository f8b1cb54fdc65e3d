import * as tf from '@transfusion/tfjs';
import '../index.js';
import type { NumericDtype } from '../backend/backend.js';
import { EXTREMES, oneTensor, type Values } from '../testing-internals/arbitraries.js';
import {
  checkKernelProperties,
  property,
  type KernelProperty,
} from '../testing-internals/kernel-property.js';

/** A kernel that accepts only float32. */
function float(kernel: string, op: (x: tf.Tensor) => tf.Tensor, values?: Values): KernelProperty {
  return property(kernel, oneTensor({ values: { float32: values ?? EXTREMES.float32 } }), op);
}

/** A kernel that preserves the element type. */
function keeping(
  kernel: string,
  dtypes: readonly NumericDtype[],
  op: (x: tf.Tensor) => tf.Tensor,
): KernelProperty {
  return property(kernel, oneTensor({ dtypes, values: EXTREMES }), op);
}

/**
 * A kernel whose result is float32 for every input. (For integers, the cpu backend would truncate the
 * result to the type of the input.)
 */
function toFloat(kernel: string, op: (x: tf.Tensor) => tf.Tensor): KernelProperty {
  return property(kernel, oneTensor({ dtypes: ALL, values: EXTREMES }), op, {
    reference: (x) => op(x.toFloat()),
  });
}

const ALL = ['float32', 'int32', 'bool'] as const;

checkKernelProperties('unary', [
  keeping('Abs', ['float32', 'bool'], tf.abs),
  // The cpu backend turns the positive numbers of a tensor with -2^31 negative too.
  property('Abs', oneTensor({ dtypes: ['int32'], values: EXTREMES }), tf.abs, {
    variant: 'of int32',
    reference: (x) => tf.maximum(x, x.neg()),
  }),
  toFloat('Acos', tf.acos),
  toFloat('Acosh', tf.acosh),
  toFloat('Asin', tf.asin),
  toFloat('Asinh', tf.asinh),
  toFloat('Atan', tf.atan),
  toFloat('Atanh', tf.atanh),
  float('Ceil', tf.ceil),
  float('Cos', tf.cos),
  float('Cosh', tf.cosh),
  float('Elu', tf.elu),
  property('Erf', oneTensor({ dtypes: ['float32', 'int32'], values: EXTREMES }), tf.erf),
  keeping('Exp', ALL, tf.exp),
  toFloat('Expm1', tf.expm1),
  float('Floor', tf.floor),
  keeping('IsFinite', ALL, tf.isFinite),
  keeping('IsInf', ALL, tf.isInf),
  keeping('IsNan', ALL, tf.isNaN),
  keeping('LeakyRelu', ALL, (x) => tf.leakyRelu(x, 0.3)),
  float('Log', tf.log),
  toFloat('Log1p', tf.log1p),
  property('LogicalNot', oneTensor({ dtypes: ['bool'] }), tf.logicalNot),
  keeping('Neg', ALL, tf.neg),
  toFloat('Reciprocal', tf.reciprocal),
  keeping('Relu', ALL, tf.relu),
  keeping('Relu6', ALL, tf.relu6),
  keeping('Round', ALL, tf.round),
  float('Rsqrt', tf.rsqrt),
  toFloat('Selu', tf.selu),
  float('Sigmoid', tf.sigmoid),
  keeping('Sign', ALL, tf.sign),
  float('Sin', tf.sin),
  toFloat('Sinh', tf.sinh),
  toFloat('Softplus', tf.softplus),
  float('Sqrt', tf.sqrt),
  keeping('Square', ['float32', 'bool'], tf.square),
  property('Square', oneTensor({ dtypes: ['int32'], values: EXTREMES }), tf.square, {
    variant: 'of int32',
    // The cpu backend rounds products beyond 2^53 before it wraps them.
    reference: (x) =>
      tf.tensor(x.dataSync().map((v: number) => Math.imul(v, v)) as Int32Array, x.shape, 'int32'),
  }),
  keeping('Step', ALL, (x) => tf.step(x, 0)),
  property('Step', oneTensor({ values: EXTREMES }), (x) => tf.step(x, -0.5), { variant: 'with a slope' }),
  float('Tan', tf.tan),
  float('Tanh', tf.tanh),
  keeping('ClipByValue', ALL, (x) => tf.clipByValue(x, -2, 3)),
  property('Cast', oneTensor({ dtypes: ALL, values: EXTREMES }), (x) => x.toFloat(), {
    variant: 'to float32',
  }),
  property('Cast', oneTensor({ dtypes: ALL, values: EXTREMES }), (x) => x.toInt(), { variant: 'to int32' }),
  property('Cast', oneTensor({ dtypes: ALL, values: EXTREMES }), (x) => x.toBool(), { variant: 'to bool' }),
]);
