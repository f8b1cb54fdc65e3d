import * as tf from '@transfusion/tfjs';
import { expect, it } from 'vitest';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

const BOTH = [false, true] as const;
const IMAGE = spread([1, 5, 4, 2]);
const FILTER = spread([2, 2, 2, 2], [-0.5, 0.6]);
const as4D = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

type Options = Partial<Parameters<typeof tf.fused.conv2d>[0]>;
const OPTIONS: readonly (readonly [string, Options])[] = [
  ['without dilations', {}],
  ['a dilation', { dilations: 2 }],
  ['dilations', { dilations: [1, 3] }],
  ['strides', { strides: [2, 1], pad: 'same' }],
  ['explicit padding', { pad: 1, dilations: [2, 2] }],
  ['a rounding mode', { strides: 2, pad: 1, dimRoundingMode: 'floor' }],
];

const convolution = (
  op: typeof tf.fused.conv2d,
  kernel: string,
  [variant, options]: (typeof OPTIONS)[number],
) => {
  const call = (x: tf.Tensor, filter: tf.Tensor, bias?: tf.Tensor): tf.Tensor =>
    op({ strides: 1, pad: 'valid', ...options, x: as4D(x), filter: as4D(filter), bias });
  return [
    gradient(kernel, [IMAGE, FILTER, spread([kernel.includes('Depthwise') ? 4 : 2])], call, { variant }),
    gradient(kernel, [IMAGE, FILTER], (x, filter) => call(x, filter), { variant: `${variant}, no bias` }),
  ];
};

checkGradients('fused', [
  // `tf.fused.conv2d` itself refuses null.
  ...convolution(tf.fused.depthwiseConv2d as typeof tf.fused.conv2d, 'FusedDepthwiseConv2D', [
    'dilations null',
    { dilations: null as unknown as undefined },
  ]),
  ...OPTIONS.flatMap((options) => [
    ...convolution(tf.fused.conv2d, 'FusedConv2D', options),
    ...convolution(tf.fused.depthwiseConv2d as typeof tf.fused.conv2d, 'FusedDepthwiseConv2D', options),
  ]),
  gradient(
    'FusedConv2D',
    [spread([5, 4, 2]), FILTER, spread([2])],
    (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor3D,
        filter: as4D(filter),
        strides: 1,
        pad: 'same',
        dilations: 2,
        bias,
      }),
    { variant: 'of one image' },
  ),
  ...[undefined, spread([3]), spread([])].map((bias) =>
    gradient(
      'FusedConv2D',
      [spread([1, 2, 5, 4]), spread([2, 2, 2, 3], [-0.5, 0.6]), ...(bias === undefined ? [] : [bias])],
      (x: tf.Tensor, filter: tf.Tensor, ...rest: tf.Tensor[]) =>
        tf.fused.conv2d({
          x: as4D(x),
          filter: as4D(filter),
          strides: 1,
          pad: 'same',
          dataFormat: 'NCHW',
          dilations: 2,
          bias: rest[0],
        }),
      { variant: `channels first, bias [${bias?.shape ?? 'none'}]` },
    ),
  ),
  ...BOTH.flatMap((transposeA) =>
    BOTH.flatMap((transposeB) =>
      [[], [1], [3]].map((batch) =>
        gradient(
          '_FusedMatMul',
          [
            spread([3, ...(transposeA ? [3, 2] : [2, 3])]),
            spread([...batch, ...(transposeB ? [2, 3] : [3, 2])], [-1.9, 2.3]),
            spread([2]),
          ],
          (a, b, bias) => tf.fused.matMul({ a, b, transposeA, transposeB, bias }),
          { variant: `batch [${batch}], transposeA ${transposeA}, transposeB ${transposeB}` },
        ),
      ),
    ),
  ),
  gradient('_FusedMatMul', [spread([2, 3]), spread([3, 2])], (a, b) => tf.fused.matMul({ a, b }), {
    variant: 'no bias',
  }),
]);

it('leaves the gradients of programs alone', () => {
  const twice = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const product = tf.fused.matMul({ a: x as tf.Tensor2D, b: x as tf.Tensor2D });
    return { value: product, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => dy.mul(saved).mul(2) };
  });
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  expect(
    tf
      .grad((t: tf.Tensor) => twice(t))(x)
      .arraySync(),
  ).toEqual([
    [2, 4],
    [6, 8],
  ]);
  expect(() => tf.customGrad(3 as never)).toThrow(/must be a function/);
});
