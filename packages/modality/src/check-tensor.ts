import type * as tf from '@transfusion/tfjs';
import { describeValue } from './describe-value.js';
import type { Shape } from './latent.js';
import { wrongResult } from './wrong-result.js';

/** Checks that a result is a tensor of a shape, and that numbers are what it has. */
export function checkTensor(
  subject: string,
  what: string,
  found: unknown,
  expected: Shape,
  meaning: string,
): asserts found is tf.Tensor {
  const shape = `[${expected.join(',')}]`;
  if (!isTensor(found)) {
    throw wrongResult(
      subject,
      what + describeValue(found),
      `a tensor ${shape} (${meaning})`,
      'Return a tensor.',
    );
  }
  if (found.shape.join() !== expected.join()) {
    throw wrongResult(subject, `${what}[${found.shape}]`, `${shape} (${meaning})`, 'Reshape the result.');
  }
  if (found.dtype === 'float32') return;
  throw wrongResult(subject, `${what}${found.dtype}`, 'float32', 'Cast the result.');
}

/** Recognizes a tensor by its members: `instanceof` fails across two copies of TensorFlow.js. */
export function isTensor(value: unknown): value is tf.Tensor {
  const { shape, dtype, dataId } = Object(value) as Partial<tf.Tensor>;
  return Array.isArray(shape) && typeof dtype === 'string' && dataId !== undefined;
}
