/**
 * Gradients of fused ops. TensorFlow.js 4.22 keeps them inside the ops (`tf.fused.conv2d`, which
 * `tf.layers.conv2d` uses, `tf.fused.matMul`, …) instead of in the registry, and they refuse dilations
 * and channels first, are wrong for a transposed right factor, and do not sum over a batch that shares a
 * factor. The ops differentiate through the engine's `customGrad`, which this file extends: in a fused
 * op, the function that runs the kernel gets a gradient of this package in place of its own.
 */
import * as tf from '@transfusion/tfjs';
import {
  conv2dGradients,
  depthwiseConv2dGradients,
  type ConvolutionGradients,
} from './dilated-convolution.js';
import { matMulGradients, type MatMulAttrs } from './matrix-product.js';
import { sumTo } from './sum-to.js';

/**
 * Computes the gradients of two factors and, if there is one, of the bias. The activation is linear: with
 * any other, TensorFlow.js does not fuse what it differentiates.
 */
type FusedGradient = (dy: tf.Tensor, inputs: readonly tf.Tensor[], attrs: object) => tf.Tensor[];

/** By the name of the op's scope. */
const GRADIENTS: Readonly<Record<string, FusedGradient>> = {
  fusedConv2d__op: convolution(conv2dGradients),
  fusedDepthwiseConv2d__op: convolution(depthwiseConv2dGradients),
  fusedMatMul__op: (dy, [a, b, ...bias], attrs) => {
    const gradients = matMulGradients(dy, a, b, attrs as MatMulAttrs);
    return [gradients.a(), gradients.b(), ...bias.map((tensor) => sumTo(dy, tensor.shape))];
  },
};

type CustomGradient = ReturnType<typeof tf.engine>['customGrad'];
type CustomFunction = Parameters<CustomGradient>[0];

/** Extends the engine's `customGrad`; to be called once. */
export function registerFusedGradients(): void {
  const engine = tf.engine();
  const customGrad = engine.customGrad.bind(engine) as CustomGradient;
  engine.customGrad = ((f: CustomFunction) => {
    const scope = engine.state.activeScope?.name ?? '';
    const gradient = Object.hasOwn(GRADIENTS, scope) ? GRADIENTS[scope] : undefined;
    return customGrad(gradient === undefined ? f : withGradient(f, gradient));
  }) as CustomGradient;
}

function withGradient(f: CustomFunction, gradient: FusedGradient): CustomFunction {
  return (...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[];
    const save = args.at(-1) as tf.GradSaveFunc;
    const saveNothing: tf.GradSaveFunc = () => undefined;
    const [{ output, attrs }, { value }] = watchKernel(() =>
      f(...inputs, saveNothing as unknown as tf.Tensor),
    );
    save(inputs);
    const { shape } = output;
    // The op may have reshaped the kernel's output.
    return { value, gradFunc: (dy, saved) => gradient(dy.reshape(shape), saved, attrs) };
  };
}

interface KernelCall {
  readonly output: tf.Tensor;
  readonly attrs: object;
}

/** Runs `body`, and returns the first kernel that it runs. */
function watchKernel<T>(body: () => T): [KernelCall, T] {
  const engine = tf.engine();
  const { runKernel } = engine;
  const calls: KernelCall[] = [];
  engine.runKernel = ((...args: Parameters<typeof runKernel>) => {
    const output = runKernel.apply(engine, args) as tf.Tensor;
    calls.push({ output, attrs: args[2] ?? {} });
    return output;
  }) as typeof runKernel;
  try {
    const result = body();
    return [calls[0], result];
  } finally {
    engine.runKernel = runKernel;
  }
}

function convolution(gradients: ConvolutionGradients): FusedGradient {
  return (dy, [x, filter, ...bias], attrs) => {
    const slopes = gradients(dy, x, filter, attrs);
    return [slopes.x(), slopes.filter(), ...bias.map((tensor) => biasGradient(dy, tensor, attrs))];
  };
}

/** With channels first, a bias applies to the channels, which are then not the last axis. */
function biasGradient(dy: tf.Tensor, bias: tf.Tensor, attrs: { dataFormat?: string }): tf.Tensor {
  if (attrs.dataFormat !== 'NCHW' || bias.size === 1) return sumTo(dy, bias.shape);
  return sumTo(dy, [bias.size, 1, 1]).reshape(bias.shape);
}
