/** The gradients of operations with optional arguments, which may be missing, null, a number or an array. */
import * as tf from '@transfusion/tfjs';
import '../index.js';
import {
  checkGradients,
  gradient,
  spread,
  type GradientCase,
  type GradientCaseOptions,
} from '../testing-internals/gradient-check.js';
import { runKernel } from '../testing-internals/run-kernel.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

/** One case for each list of arguments after the tensors. */
function calls(
  kernel: string,
  inputs: readonly TensorSpec[],
  op: (...args: never[]) => tf.Tensor | tf.Tensor[],
  lists: readonly (readonly unknown[])[],
  options: GradientCaseOptions = {},
): GradientCase[] {
  const called = op as (...args: unknown[]) => tf.Tensor;
  return lists.map((list) =>
    gradient(kernel, inputs, (...tensors: tf.Tensor[]) => called(...tensors, ...list), {
      ...options,
      variant: list.length === 0 ? 'no arguments' : list.map(written).join(', '),
    }),
  );
}

function written(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

/** One case for each set of attributes of a kernel that is called without its op. */
function kernelCalls(
  kernel: string,
  inputs: Readonly<Record<string, TensorSpec>>,
  sets: readonly Readonly<Record<string, unknown>>[],
): GradientCase[] {
  const names = Object.keys(inputs);
  const named = (tensors: tf.Tensor[]): Record<string, tf.Tensor> =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  return sets.map((attrs) =>
    gradient(
      kernel,
      Object.values(inputs),
      (...tensors: tf.Tensor[]) => runKernel(kernel, named(tensors), attrs),
      {
        variant: `attributes ${JSON.stringify(attrs)}`,
        // The cpu backend has no defaults for the attributes of a kernel.
        cpu: 'lacks',
      },
    ),
  );
}

const X = spread([2, 3]);
const CUBE = spread([2, 3, 2]);
const IMAGE = spread([1, 5, 4, 2]);
const FILTER = spread([2, 2, 2, 2], [-0.5, 0.6]);
const VOLUME = spread([1, 3, 4, 3, 1]);
const NO = undefined;

const REDUCTION_AXES = [[], [NO], [null], [1], [-1], [[0]], [[0, 2]], [[]], [NO, true], [[1, 2], true]];
const SCANS = [[], [NO], [1], [0, NO, true], [1, true, null], [0, null, NO]];
const ROUNDED = [
  [2, 2, 1, 'floor'],
  [3, 2, 1, 'ceil'],
  [[3, 3], [2, 1], 1, 'round'],
  [2, [2, 2], [[0, 0], [1, 0], [0, 1], [0, 0]], 'floor'],
]; // prettier-ignore
const STATISTICS = [spread([2], [-1, 1.2]), spread([2], [0.6, 1.9])];

checkGradients('optional arguments:', [
  ...(['sum', 'mean', 'prod', 'max', 'min'] as const).flatMap((name) =>
    calls(name[0].toUpperCase() + name.slice(1), [CUBE], tf[name] as () => tf.Tensor, REDUCTION_AXES),
  ),
  ...calls('Exp', [CUBE], tf.logSumExp as () => tf.Tensor, REDUCTION_AXES),
  ...calls('Cumsum', [X], tf.cumsum as () => tf.Tensor, SCANS),
  ...calls('Cumprod', [X], tf.cumprod as () => tf.Tensor, SCANS),
  // The cpu backend does not take negative axes.
  ...calls('Cumsum', [X], tf.cumsum as () => tf.Tensor, [[-1], [-2]], { cpu: 'lacks' }),
  ...calls('Cumprod', [X], tf.cumprod as () => tf.Tensor, [[-1], [-2]], { cpu: 'lacks' }),
  ...calls('Softmax', [X], tf.softmax as () => tf.Tensor, [[], [NO], [1], [-1]]),
  ...calls('logSoftmax', [X], tf.logSoftmax as () => tf.Tensor, [[], [NO], [1], [-1]]),

  ...calls('Conv2D', [IMAGE, FILTER], tf.conv2d as () => tf.Tensor, [
    [1, 'valid'],
    [[2, 1], 'same', NO, NO],
    [1, 'valid', 'NHWC', 2],
    [1, 'same', 'NHWC', [1, 2]],
    [2, 1, NO, 1, 'floor'],
    [[2, 2], 1, NO, NO, 'ceil'],
    [2, [[0, 0], [1, 0], [0, 1], [0, 0]], 'NHWC', [1, 1], 'round'],
  ]), // prettier-ignore
  ...calls('DepthwiseConv2dNative', [IMAGE, FILTER], tf.depthwiseConv2d as () => tf.Tensor, [
    [1, 'valid'],
    [1, 'same', 'NHWC', null],
    [1, 'valid', NO, NO, null],
    [[1, 1], 'valid', 'NHWC', 2],
    [1, 'same', 'NHWC', [2, 3]],
    [2, 1, 'NHWC', null, 'ceil'],
  ]),
  ...calls('Conv2D', [IMAGE, FILTER, spread([1, 1, 4, 2])], tf.separableConv2d as () => tf.Tensor, [
    [1, 'valid'],
    [1, 'valid', 2],
    [1, 'same', [2, 1], NO],
  ]),
  ...calls('Conv2D', [spread([1, 7, 2]), spread([2, 2, 2])], tf.conv1d as () => tf.Tensor, [
    [1, 'valid'],
    [1, 'same', NO, NO],
    [1, 'valid', 'NWC', 3],
  ]),
  ...calls('Conv3D', [VOLUME, spread([2, 2, 2, 1, 2])], tf.conv3d as () => tf.Tensor, [
    [1, 'valid'],
    [[1, 2, 1], 'same', NO, NO],
    [1, 'valid', NO, 2],
    [1, 'same', 'NDHWC', [2, 1, 3]],
  ]),
  ...calls('Conv2DBackpropInput', [spread([1, 3, 3, 2]), FILTER], tf.conv2dTranspose as () => tf.Tensor, [
    [[1, 4, 4, 2], 1, 'valid'],
    [[1, 6, 6, 2], [2, 2], 'same', NO],
  ]),
  ...calls(
    'Conv3DBackpropInputV2',
    [spread([1, 2, 2, 2, 1]), spread([2, 2, 2, 1, 1])],
    tf.conv3dTranspose as () => tf.Tensor,
    [
      [[1, 3, 3, 3, 1], 1, 'valid'],
      [[1, 4, 3, 4, 1], [2, 2, 2], 'same'],
    ],
  ),
  ...kernelCalls('Conv2D', { x: IMAGE, filter: FILTER }, [
    { strides: 1, pad: 'valid' },
    { strides: [1, 1], pad: 'same', dilations: null, dataFormat: null, dimRoundingMode: null },
    { strides: 1, pad: 'same', dilations: 2 },
  ]),
  ...kernelCalls('Conv3D', { x: VOLUME, filter: spread([2, 2, 2, 1, 1]) }, [
    { strides: 1, pad: 'valid', dilations: null },
    { strides: 1, pad: 'same', dilations: 2 },
  ]),
  ...kernelCalls('DepthwiseConv2dNativeBackpropInput', { dy: spread([1, 5, 4, 4]), filter: FILTER }, [
    { strides: 1, pad: 'same', inputShape: [1, 5, 4, 2] },
    { strides: 1, pad: 'same', inputShape: [1, 5, 4, 2], dilations: null },
    { strides: 1, pad: 'same', inputShape: [1, 5, 4, 2], dilations: [2, 1] },
  ]),
  ...calls('MaxPool', [IMAGE], tf.maxPool as () => tf.Tensor, [[2, 1, 'valid'], [[2, 2], [1, 2], 'same'], ...ROUNDED]), // prettier-ignore
  ...calls('AvgPool', [IMAGE], tf.avgPool as () => tf.Tensor, [[2, 1, 'valid'], [[1, 2], [1, 2], 'same'], ...ROUNDED], {
    cpu: 'lacks', // divides by the whole window at paddings
  }), // prettier-ignore
  ...calls('MaxPool3D', [VOLUME], tf.maxPool3d as () => tf.Tensor, [[2, 1, 'valid'], [2, [1, 2, 1], 'same'], [3, 2, 1, 'ceil']]), // prettier-ignore
  ...calls(
    'AvgPool3D',
    [VOLUME],
    tf.avgPool3d as () => tf.Tensor,
    [
      [2, 1, 'valid'],
      [3, 2, 1, 'ceil'],
    ],
    {
      cpu: 'lacks',
    },
  ),
  ...calls('MaxPool', [IMAGE], tf.pool as () => tf.Tensor, [[2, 'max', 'valid'], [[2, 2], 'max', 'same', 2], [2, 'max', 'valid', NO, [1, 2]]]), // prettier-ignore
  ...calls('Dilation2D', [IMAGE, spread([2, 2, 2], [-0.3, 0.4])], tf.dilation2d as () => tf.Tensor, [
    [1, 'valid'],
    [1, 'same', NO],
    [[1, 1], 'same', 2],
    [1, 'valid', [2, 1], 'NHWC'],
  ]),

  ...calls('FusedBatchNorm', [IMAGE, ...STATISTICS], tf.batchNorm as () => tf.Tensor, [[], [null, null, null], [NO, NO, 0.1]]), // prettier-ignore
  gradient('FusedBatchNorm', [IMAGE, ...STATISTICS, spread([2])], (x, ...[mean, variance, offset]) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D), { variant: 'offset only' }), // prettier-ignore
  gradient('FusedBatchNorm', [IMAGE, ...STATISTICS, spread([2])], (x, ...[mean, variance, scale]) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, null as never, scale as tf.Tensor1D), { variant: 'scale only' }), // prettier-ignore
  gradient(
    'FusedBatchNorm',
    [spread([2, 3, 2, 1]), spread([1, 3, 1, 1]), spread([1, 3, 1, 1], [0.6, 1.9])],
    (x, mean, variance) => tf.batchNorm(x, mean, variance),
    { variant: 'of the second axis', cpu: 'lacks' },
  ),
  ...calls('LRN', [spread([1, 2, 2, 5])], tf.localResponseNormalization as () => tf.Tensor, [[], [NO, 2], [1, 1, 0.5, 0.7]]), // prettier-ignore
  ...(['ResizeBilinear', 'ResizeNearestNeighbor'] as const).flatMap((kernel) =>
    calls(
      kernel,
      [spread([1, 2, 3, 1])],
      (kernel === 'ResizeBilinear'
        ? tf.image.resizeBilinear
        : tf.image.resizeNearestNeighbor) as () => tf.Tensor,
      [[[4, 4]], [[4, 5], true], [[3, 6], false, true], [[4, 4], NO, NO]],
      { cpu: 'lacks' },
    ),
  ),

  ...calls('GatherV2', [CUBE], ((x: tf.Tensor, ...args: []) => tf.gather(x, tf.tensor1d([1, 0, 1], 'int32'), ...args)) as () => tf.Tensor, [[], [NO, NO], [1], [-1], [2, 0]]), // prettier-ignore
  ...calls('Concat', [X, X], ((a: tf.Tensor, b: tf.Tensor, axis?: number) => tf.concat([a, b], axis)) as () => tf.Tensor, [[], [NO], [1], [-1]]), // prettier-ignore
  ...calls('Pack', [X, X], ((a: tf.Tensor, b: tf.Tensor, axis?: number) => tf.stack([a, b], axis)) as () => tf.Tensor, [[], [NO], [2], [-1]]), // prettier-ignore
  ...calls('Unpack', [X], tf.unstack as () => tf.Tensor[], [[], [NO], [1], [-1]]),
  ...calls('SplitV', [spread([2, 4])], tf.split as () => tf.Tensor[], [[2], [2, NO], [[1, 3], 1], [2, -1], [[1, -1], 1]]), // prettier-ignore
  ...calls('Slice', [X], tf.slice as () => tf.Tensor, [
    [1],
    [[0, 1]],
    [[0, 1], 1],
    [
      [0, 1],
      [2, -1],
    ],
    [[1], NO],
  ]),
  ...calls('StridedSlice', [spread([4, 4])], tf.stridedSlice as () => tf.Tensor, [
    [[0, 1], [4, 3]],
    [[0, 1], [4, 4], NO],
    [[0, 1], [4, 4], [2, 2], 1, NO, 0, 0, 0],
  ]), // prettier-ignore
  ...calls('PadV2', [X], tf.pad as () => tf.Tensor, [[[[1, 0], [0, 2]]], [[[1, 0], [0, 2]], NO], [[[0, 1], [1, 1]], 3]]), // prettier-ignore
  ...calls('Reverse', [CUBE], tf.reverse as () => tf.Tensor, [[], [NO], [1], [[0, -1]]]),
  ...calls('Transpose', [CUBE], tf.transpose as () => tf.Tensor, [[], [NO], [null], [[2, 0, 1]]]),
  ...calls('Reshape', [spread([1, 3, 1])], tf.squeeze as () => tf.Tensor, [[], [NO], [[0]], [[0, 2]]]),
  ...calls('ExpandDims', [X], tf.expandDims as () => tf.Tensor, [[], [NO], [1], [-1]]),
  ...calls('TopK', [spread([2, 4])], ((x: tf.Tensor, ...args: []) => tf.topk(x, ...args).values) as () => tf.Tensor, [[], [NO, NO], [2], [2, true]], {
    cpu: 'lacks',
  }), // prettier-ignore
  ...calls('DepthToSpace', [spread([1, 2, 1, 8])], tf.depthToSpace as () => tf.Tensor, [
    [2],
    [2, NO],
    [2, 'NHWC'],
  ]),
  ...calls('LeakyRelu', [X], tf.leakyRelu as () => tf.Tensor, [[], [NO], [0.4]]),
  ...calls('Step', [X], ((x: tf.Tensor, alpha?: number) => tf.mul(x, tf.step(x, alpha))) as () => tf.Tensor, [[], [NO], [0.3]]), // prettier-ignore
  ...calls('ClipByValue', [X], tf.clipByValue as () => tf.Tensor, [[-1.1, 1.2]]),
  ...calls('Sum', [CUBE], tf.norm as () => tf.Tensor, [[], ['euclidean', 1], [1, NO, true], ['fro', [0, 1]]]), // prettier-ignore
  ...calls('Mean', [CUBE], ((x: tf.Tensor, ...args: []) => tf.moments(x, ...args).variance) as () => tf.Tensor, [[], [null], [1], [[0, 2], true]]), // prettier-ignore
]);
