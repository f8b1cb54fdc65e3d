import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import './index.js';
import { isFallback } from './kernels/fallback.js';
import { checkGradients, gradient, spread, type GradientCase } from './testing-internals/gradient-check.js';
import { runKernel } from './testing-internals/run-kernel.js';

const ints = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
const bools = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'bool');

function unary(
  kernel: string,
  op: (x: tf.Tensor) => tf.Tensor,
  range?: readonly [number, number],
): GradientCase {
  return gradient(kernel, [spread([2, 3], range)], op);
}

/** Once with equal shapes, once with both inputs broadcast. */
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

const ELEMENT_WISE: readonly GradientCase[] = [
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
    tf.where(bools(1, 0, 0, 1).reshape([2, 2]), a, b),
  ),
];

const REDUCTIONS: readonly GradientCase[] = [
  gradient('ArgMax', [spread([2, 3])], (x) => tf.argMax(x, 1)),
  gradient('ArgMin', [spread([2, 3])], (x) => tf.argMin(x, 0)),
  gradient('Cumsum', [spread([2, 3])], (x) => tf.cumsum(x, 1)),
  gradient('Cumsum', [spread([3, 2])], (x) => tf.cumsum(x, 0, true, true), { variant: 'exclusive, reverse' }),
  gradient('LogSoftmax', [spread([2, 3])], (x) => runKernel('LogSoftmax', { logits: x }, { axis: -1 }), {
    cpu: 'lacks',
  }),
  gradient('Max', [spread([2, 3])], (x) => tf.max(x, 1)),
  gradient('Mean', [spread([2, 3, 2])], (x) => tf.mean(x, [0, 2])),
  gradient('Min', [spread([2, 3])], (x) => tf.min(x, 0, true)),
  gradient('Prod', [spread([2, 3])], (x) => tf.prod(x, 1)),
  gradient('Softmax', [spread([2, 4])], (x) => tf.softmax(x)),
  gradient('Sum', [spread([2, 3, 2])], (x) => tf.sum(x, 1)),
];

const LAYOUT: readonly GradientCase[] = [
  gradient('BatchToSpaceND', [spread([4, 2, 1, 1])], (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
  ),
  gradient(
    'BroadcastTo',
    [spread([2, 1])],
    (x) => runKernel('BroadcastTo', { x }, { shape: [2, 3], inputShape: [2, 1] }),
    { cpu: 'lacks' },
  ),
  gradient('Concat', [spread([2, 1]), spread([2, 2])], (a, b) => tf.concat([a, b], 1)),
  gradient('ExpandDims', [spread([2, 2])], (x) => tf.expandDims(x, 1)),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    gradient(
      'MirrorPad',
      [spread([2, 3])],
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 0],
            [1, 2],
          ],
          mode,
        ),
      { variant: mode },
    ),
  ),
  gradient('Pack', [spread([2, 2]), spread([2, 2])], (a, b) => tf.stack([a, b, a], 1)),
  gradient('PadV2', [spread([2, 2])], (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 2],
      ],
      3,
    ),
  ),
  gradient('Reshape', [spread([2, 3])], (x) => tf.reshape(x, [3, 2])),
  gradient('Reverse', [spread([2, 3])], (x) => tf.reverse(x, [1])),
  gradient('Slice', [spread([3, 4])], (x) => tf.slice(x, [1, 0], [2, 3])),
  gradient('SpaceToBatchND', [spread([1, 3, 2, 1])], (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [1, 0],
        [0, 0],
      ],
    ),
  ),
  gradient('SplitV', [spread([2, 5])], (x) => tf.split(x, [1, 3, 1], 1)),
  gradient('Tile', [spread([2, 1, 2])], (x) => tf.tile(x, [2, 3, 1])),
  gradient('Transpose', [spread([2, 1, 3])], (x) => tf.transpose(x, [2, 0, 1])),
  gradient('Unpack', [spread([2, 3])], (x) => tf.unstack(x, 1)),
];

const INDEXING: readonly GradientCase[] = [
  gradient('GatherV2', [spread([3, 2])], (x) => tf.gather(x, ints(2, 0, 2, 2))),
  gradient('GatherV2', [spread([2, 3, 2])], (x) => tf.gather(x, ints(1, 1, 0, 2).reshape([2, 2]), 1), {
    variant: 'of the second axis',
  }),
  gradient('GatherV2', [spread([2, 3, 2])], (x) => tf.gather(x, ints(1, 1, 0, 2).reshape([2, 2]), 1, 1), {
    variant: 'with a batch axis',
  }),
  gradient('OneHot', [spread([2], [0.3, 1.7])], (x) => tf.oneHot(x.toInt(), 3)),
  gradient('UnsortedSegmentSum', [spread([4, 2])], (x) => tf.unsortedSegmentSum(x, ints(2, 0, 2, 1), 3)),
];

const LINEAR: readonly GradientCase[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) =>
      gradient(
        'BatchMatMul',
        [spread([2, ...(transposeA ? [3, 2] : [2, 3])]), spread([2, ...(transposeB ? [2, 3] : [3, 2])])],
        (a, b) => tf.matMul(a, b, transposeA, transposeB),
        { variant: `transposeA ${transposeA}, transposeB ${transposeB}` },
      ),
    ),
  ),
];

const CASES = [...ELEMENT_WISE, ...REDUCTIONS, ...LAYOUT, ...INDEXING, ...LINEAR];

checkGradients(CASES);

it('every graph kernel with a gradient is checked', () => {
  const differentiable = tf
    .getKernelsForBackend('onnxruntime')
    .map(({ kernelName }) => kernelName)
    .filter((kernelName) => !isFallback(kernelName) && tf.getGradient(kernelName) !== undefined);
  const checked = new Set(CASES.map(({ kernel }) => kernel));
  expect(differentiable.length).toBeGreaterThan(80);
  expect(differentiable.filter((kernelName) => !checked.has(kernelName))).toEqual([]);
});
