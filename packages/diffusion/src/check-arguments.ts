import type * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';

/** Throws unless the value is one of those allowed; `where` names the factory, `option` its option. */
export function checkOneOf(where: string, option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is '${value}', expected ${allowed.map((name) => `'${name}'`).join(' or ')}.`,
  );
}

/** Throws unless the value is a integer of the range, both ends included. */
export function checkInteger(where: string, option: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is ${value}, expected an integer from ${min} to ${max}.`,
  );
}

/** Throws unless the value is a finite number above 0. */
export function checkPositive(where: string, option: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is ${value}, expected a number above 0.`,
  );
}

/** Throws unless two tensors have one shape; each comes with what to call it. */
export function checkSameShape(
  where: string,
  [name, tensor]: readonly [string, tf.Tensor],
  [otherName, other]: readonly [string, tf.Tensor],
): void {
  if (tensor.shape.length === other.shape.length && tensor.shape.every((n, i) => n === other.shape[i]))
    return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the ${name} has the shape [${tensor.shape}], expected [${other.shape}] as the ${otherName}.`,
  );
}

/** Returns the noise of a step that needs it. */
export function requireNoise(where: string, noise: tf.Tensor | undefined, sample: tf.Tensor): tf.Tensor {
  if (noise === undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: this step adds noise and found none. Pass { noise }: standard normal, of the sample's shape [${sample.shape}].`,
    );
  }
  checkSameShape(where, ['noise', noise], ['sample', sample]);
  return noise;
}

/** Returns a tensor that the previous step left in `memory`. */
export function requireMemory(
  where: string,
  memory: Readonly<Record<string, tf.Tensor>> | undefined,
  key: string,
): tf.Tensor {
  const tensor = memory?.[key];
  if (tensor === undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: this step needs the previous step's '${key}', found ${memory === undefined ? 'no memory' : `a memory of ${Object.keys(memory).join(', ') || 'nothing'}`}. Pass { memory }: that of ${where}'s previous step.`,
    );
  }
  return tensor;
}
