/** Matrix products, and the activations that TensorFlow.js fuses with them. */
import * as tf from '@transfusion/tfjs';
import { cast, map, matMul, swapLastTwo, zip } from '../graph/build.js';
import type { NumericDtype } from '../backend/backend.js';
import { emit } from '../graph/emit.js';
import type { Value } from '../graph/value.js';
import { prelu } from './binary.js';
import { graphKernel } from './kernel.js';
import { clip, leakyRelu, relu } from './unary.js';

interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Attributes of all fused kernels: the activation of the result. */
export interface FusedAttrs {
  readonly activation: tf.fused.Activation | undefined;
  readonly leakyreluAlpha?: number;
}

export function registerLinearKernels(): void {
  graphKernel<MatMulAttrs>('BatchMatMul', ({ a, b }, attrs) => product(a, b, attrs));
  graphKernel<MatMulAttrs & FusedAttrs>('_FusedMatMul', (inputs, attrs) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    return activated(product(a, b, attrs), attrs, bias, preluActivationWeights);
  });
  graphKernel<{ equation: string }>('Einsum', (inputs, { equation }) =>
    einsum(Object.values(inputs), equation.replace(/\s/g, '')),
  );
}

/** Matrix product; ONNX Runtime merges the transpositions into it. */
function product(a: Value, b: Value, { transposeA, transposeB }: MatMulAttrs): Value {
  tf.util.assert(
    a.rank >= 2 && b.rank >= 2,
    () =>
      `Error in matMul: both tensors must have at least 2 axes, got the shapes [${a.shape}] and [${b.shape}].`,
  );
  if (a.dtype === 'bool') {
    return cast(product(cast(a, 'int32'), cast(b, 'int32'), { transposeA, transposeB }), 'bool');
  }
  const left = transposeA ? swapLastTwo(a) : a;
  const right = transposeB ? swapLastTwo(b) : b;
  const inner = [left.shape[left.rank - 1], right.shape[right.rank - 2]];
  tf.util.assert(
    inner[0] === inner[1],
    () =>
      `Error in matMul: inner shapes (${inner[0]}) and (${inner[1]}) of Tensors with shapes ` +
      `${a.shape} and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  return matMul(left, right);
}

/** Computes `activation(x + bias)`, as TensorFlow.js's fused kernels define it. */
export function activated(
  x: Value,
  { activation, leakyreluAlpha }: FusedAttrs,
  bias?: Value,
  preluWeights?: Value,
): Value {
  const sum = bias === undefined ? x : zip('Add', x, bias);
  switch (activation) {
    case undefined:
    case null:
    case 'linear':
      return sum;
    case 'relu':
      return relu(sum);
    case 'relu6':
      return clip(sum, 0, 6);
    case 'elu':
      return map('Elu', sum);
    case 'sigmoid':
      return map('Sigmoid', sum);
    case 'leakyrelu':
      return leakyRelu(sum, leakyreluAlpha ?? 0.2);
    case 'prelu':
      return prelu(sum, preluWeights!);
    default:
      throw new Error(`The onnxruntime backend does not know the activation ${String(activation)}.`);
  }
}

function einsum(values: readonly Value[], equation: string): Value {
  // Checks the equation and the shapes, with TensorFlow.js's messages.
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, values.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, values as unknown as tf.Tensor[]);
  const [terms, result] = equation.split('->') as [string, string];
  const sizes = new Map<string, number>();
  const dtype = values.map((value) => value.dtype as tf.DataType).reduce(tf.upcastType) as NumericDtype;
  terms.split(',').forEach((term, i) => {
    tf.util.assert(
      term.length === values[i].rank,
      () =>
        `einsum: '${term}' in '${equation}' has ${term.length} axes, but its tensor has the shape [${values[i].shape}].`,
    );
    [...term].forEach((label, axis) => sizes.set(label, values[i].shape[axis]));
  });
  const shape = [...result].map((label) => sizes.get(label)!);
  const operands = values.map((value) => cast(value, dtype));
  return emit('Einsum', operands, shape, dtype, { equation });
}
