/**
 * Conversions between prediction types. A noisy sample is x = α·x0 + σ·ε, so x0 and ε follow from x and the
 * model's prediction.
 */
import * as tf from '@transfusion/tfjs';
import type { NoiseLevel, PredictionType } from './noise-scheduler.js';

/** The {@link NoiseLevel} of each sample of a batch, as tensors that broadcast against it. */
export interface NoiseLevels {
  readonly alpha: tf.Tensor;
  readonly sigma: tf.Tensor;
}

/** Computes the signal-to-noise ratio α² / σ²; infinite without noise. */
export function snr({ alpha, sigma }: NoiseLevel): number {
  return (alpha / sigma) ** 2;
}

/** Computes the model's target for this clean sample and noise. Always a new tensor. */
export function predictionTarget(
  type: PredictionType,
  sample: tf.Tensor,
  noise: tf.Tensor,
  { alpha, sigma }: NoiseLevels,
): tf.Tensor {
  switch (type) {
    case 'epsilon':
      return tf.clone(noise);
    case 'sample':
      return tf.clone(sample);
    case 'v_prediction':
      return tf.sub(tf.mul(alpha, noise), tf.mul(sigma, sample));
    case 'flow':
      return tf.sub(noise, sample);
  }
}

/** Computes x0 from the model's output for the noisy sample x. Always a new tensor. */
export function originalSampleOf(
  type: PredictionType,
  output: tf.Tensor,
  x: tf.Tensor,
  { alpha, sigma }: NoiseLevel,
): tf.Tensor {
  switch (type) {
    case 'epsilon':
      return tf.div(tf.sub(x, tf.mul(output, sigma)), alpha);
    case 'sample':
      return tf.clone(output);
    case 'v_prediction':
      return tf.sub(tf.mul(x, alpha), tf.mul(output, sigma));
    case 'flow':
      return tf.sub(x, tf.mul(output, sigma));
  }
}

/** Computes ε from the model's output for the noisy sample x. Always a new tensor. */
export function noiseOf(
  type: PredictionType,
  output: tf.Tensor,
  x: tf.Tensor,
  { alpha, sigma }: NoiseLevel,
): tf.Tensor {
  switch (type) {
    case 'epsilon':
      return tf.clone(output);
    case 'sample':
      return tf.div(tf.sub(x, tf.mul(output, alpha)), sigma);
    case 'v_prediction':
      return tf.add(tf.mul(output, alpha), tf.mul(x, sigma));
    case 'flow':
      return tf.add(x, tf.mul(output, alpha));
  }
}
