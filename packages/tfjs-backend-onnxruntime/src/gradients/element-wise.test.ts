import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread, type GradientCase } from '../testing-internals/gradient-check.js';

function unary(
  kernel: string,
  op: (x: tf.Tensor) => tf.Tensor,
  range?: readonly [number, number],
): GradientCase {
  return gradient(kernel, [spread([2, 3], range)], op);
}

/** Two cases: equal shapes, and both inputs broadcast. */
function binary(
  kernel: string,
  op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  rangeA: readonly [number, number] = [-2, 2],
  rangeB: readonly [number, number] = [-1.9, 2.3],
): GradientCase[] {
  return [
    gradient(kernel, [spread([2, 3], rangeA), spread([2, 3], rangeB)], op),
    gradient(kernel, [spread([2, 1, 2], rangeA), spread([3, 1], rangeB)], op, { variant: 'broadcasting' }),
  ];
}

checkGradients('element-wise', [
  unary('Abs', tf.abs),
  unary('Acos', tf.acos, [-0.8, 0.8]),
  unary('Acosh', tf.acosh, [1.3, 3]),
  unary('Asin', tf.asin, [-0.8, 0.8]),
  unary('Asinh', tf.asinh),
  unary('Atan', tf.atan),
  unary('Atanh', tf.atanh, [-0.8, 0.8]),
  unary('Cast', (x) => tf.cast(x, 'float32')),
  gradient('Cast', [spread([2, 3])], (x) => x.toInt(), {
    variant: 'to int32',
    differences: 'straight through',
  }),
  unary('Ceil', tf.ceil, [-1.7, 2.1]),
  unary('ClipByValue', (x) => tf.clipByValue(x, -1.1, 0.9)),
  unary('Cos', tf.cos),
  unary('Cosh', tf.cosh),
  unary('Elu', tf.elu),
  unary('Erf', tf.erf),
  unary('Exp', tf.exp),
  unary('Expm1', tf.expm1),
  unary('Floor', tf.floor, [-1.7, 2.1]),
  unary('IsFinite', tf.isFinite),
  unary('IsInf', tf.isInf),
  unary('IsNan', tf.isNaN),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Log', tf.log, [0.4, 3]),
  unary('Log1p', tf.log1p, [-0.6, 3]),
  unary('Neg', tf.neg),
  unary('Reciprocal', tf.reciprocal, [0.5, 3]),
  unary('Relu', tf.relu),
  unary('Relu6', (x) => tf.relu6(x.mul(5))),
  unary('Round', tf.round, [-1.7, 2.1]),
  unary('Rsqrt', tf.rsqrt, [0.5, 3]),
  unary('Selu', tf.selu),
  unary('Sigmoid', tf.sigmoid),
  unary('Sign', tf.sign),
  unary('Sin', tf.sin),
  unary('Sinh', tf.sinh),
  unary('Softplus', tf.softplus),
  unary('Sqrt', tf.sqrt, [0.4, 3]),
  unary('Square', tf.square),
  unary('Step', (x) => tf.step(x, 0.5)),
  unary('Tan', tf.tan, [-1.1, 1.1]),
  unary('Tanh', tf.tanh),
  unary('Identity', (x) => tf.clone(x)),
  unary('ZerosLike', tf.zerosLike),
  unary('OnesLike', tf.onesLike),
  ...binary('Add', tf.add),
  ...binary('Atan2', tf.atan2, [0.3, 2], [-1.9, 2.3]),
  gradient('FloorDiv', [spread([2, 3]), spread([3], [0.6, 3])], (a, b) => tf.floorDiv(a, b), {
    differences: 'straight through',
  }),
  ...binary('GreaterEqual', (a, b) => tf.greaterEqual(a, b)),
  ...binary('Maximum', tf.maximum),
  ...binary('Minimum', tf.minimum),
  ...binary('Mod', tf.mod, [1.05, 1.2], [0.65, 0.8]),
  ...binary('Multiply', tf.mul),
  ...binary('Pow', tf.pow, [0.4, 2], [-1.9, 2.3]),
  ...binary('Prelu', tf.prelu),
  ...binary('RealDiv', tf.div, [-2, 2], [0.6, 2]),
  ...binary('SquaredDifference', tf.squaredDifference),
  ...binary('Sub', tf.sub),
  gradient('AddN', [spread([2, 2]), spread([2, 2], [-1, 3])], (a, b) => tf.addN([a, b, a])),
  gradient('Select', [spread([2, 2]), spread([2, 2], [-1, 3])], (a, b) =>
    tf.where(tf.tensor2d([1, 0, 0, 1], [2, 2], 'bool'), a, b),
  ),
]);
