import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import { integers, numbers, tensorOf } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';
import { each, randomAxes } from '../testing-internals/windows.js';

type Pair = [number, number];

const dims = fc.integer({ min: 1, max: 4 });
const maps = fc.tuple(dims, dims, dims, fc.integer({ min: 1, max: 6 }));

const batchNorms = maps.chain((shape) => {
  const vector = tensorOf([shape[3]]);
  const variance = tensorOf([shape[3]], 'float32', numbers(1, 4));
  return fc.tuple(tensorOf(shape), vector, variance, vector, vector);
});

const responses = fc.tuple(
  maps.chain((shape) => tensorOf(shape)),
  fc.integer({ min: 0, max: 7 }),
  fc.constantFrom(1, 0.5),
  fc.constantFrom(1, 0.25),
  fc.constantFrom(0.5, 0.75, 1),
);

const lrn = (x: tf.Tensor, radius: number, bias: number, alpha: number, beta: number): tf.Tensor =>
  tf.localResponseNormalization(x as tf.Tensor4D, radius, bias, alpha, beta);

interface Geometry {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pad: 'valid' | 'same';
}

const dilations = fc
  .tuple(randomAxes(2, { maxDilation: 2 }), dims, fc.constantFrom('valid' as const, 'same' as const))
  .chain(([axes, channels, pad]): fc.Arbitrary<[TensorSpec, TensorSpec, Geometry]> =>
    fc.tuple(
      tensorOf([2, ...each<Pair>(axes, ({ input }) => input), channels], 'float32', integers(-2, 2)),
      tensorOf([...each<Pair>(axes, ({ kernel }) => kernel), channels], 'float32', integers(-2, 2)),
      fc.constant({
        strides: each<Pair>(axes, ({ stride }) => stride),
        dilations: each<Pair>(axes, ({ dilation }) => dilation),
        pad,
      }),
    ),
  );

const dilate = (x: tf.Tensor, filter: tf.Tensor, { strides, pad, dilations }: Geometry): tf.Tensor =>
  tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, strides, pad, dilations);

const dilateGradients = (x: tf.Tensor, filter: tf.Tensor, geometry: Geometry): tf.Tensor[] =>
  tf.grads((x: tf.Tensor, filter: tf.Tensor) => tf.sum(tf.square(dilate(x, filter, geometry))))([x, filter]);

checkKernelProperties('normalization and morphology', [
  property('FusedBatchNorm', batchNorms, (x, mean, variance, offset, scale) =>
    tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      0.01,
    ),
  ),
  property(
    'FusedBatchNorm',
    batchNorms,
    (x, mean, variance) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D),
    { variant: 'no offset, no scale' },
  ),
  property('LRN', responses, lrn),
  property(
    'LRNGrad',
    responses,
    (x, ...rest) => tf.grad((x: tf.Tensor) => tf.sum(tf.square(lrn(x, ...rest))))(x),
    {
      tolerance: { absolute: 1e-4 },
    },
  ),
  property('Dilation2D', dilations, dilate),
  property('Dilation2DBackpropInput', dilations, dilateGradients),
  property('Dilation2DBackpropFilter', dilations, dilateGradients),
]);
