import type * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';

/**
 * Throws unless the value is allowed. `where` and `option` name the factory and its option in the message.
 */
export function checkOneOf(where: string, option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is '${value}', expected ${allowed.map((name) => `'${name}'`).join(' or ')}.`,
  );
}

/** Throws unless the value is an integer from `min` to `max`. */
export function checkInteger(where: string, option: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is ${value}, expected an integer from ${min} to ${max}.`,
  );
}

/** Throws unless the value is a finite positive number. */
export function checkPositive(where: string, option: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${option} is ${value}, expected a positive number.`,
  );
}

/** Throws unless two tensors, given with their names, have the same shape. */
export function checkSameShape(
  where: string,
  [name, tensor]: readonly [string, tf.Tensor],
  [otherName, other]: readonly [string, tf.Tensor],
): void {
  if (tensor.shape.length === other.shape.length && tensor.shape.every((n, i) => n === other.shape[i]))
    return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the ${name} has the shape [${tensor.shape}], expected [${other.shape}], the shape of the ${otherName}.`,
  );
}

/** Returns the noise of a stochastic step; throws if it is missing or has the wrong shape. */
export function requireNoise(where: string, noise: tf.Tensor | undefined, sample: tf.Tensor): tf.Tensor {
  if (noise === undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: noise is missing, expected standard normal noise of the sample's shape [${sample.shape}]. Pass { noise }.`,
    );
  }
  checkSameShape(where, ['noise', noise], ['sample', sample]);
  return noise;
}

/** Returns a tensor of the previous step's `memory`; throws if it is missing. */
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
