/**
 * Inpainting with a model that was not trained for it (Lugmayr et al. 2022, "RePaint", equation 8, here on
 * latents): before each denoising step the known part of the sample is replaced by the known latent, noised
 * to the level that the step expects, so that the model generates the rest to fit. Resampling (section 4.2)
 * repeats each step: the sample is noised back to the step's start and denoised again. Unlike the paper, the
 * jump length is 1. After the last step the known elements are restored exactly.
 */
import * as tf from '@transfusion/tfjs';
import type { NoiseScheduler } from '@transfusion/diffusion';
import type { OpenSpan } from './open-span.js';
import type { KnownLatent } from './request.js';

/** Restores the known elements of a latent; returns it unchanged if there are none. */
export function restoreKnown(known: KnownLatent | undefined, latent: Float32Array): Float32Array {
  return known === undefined ? latent : mergeKnown(known, known.latent.data, latent);
}

/**
 * Prepares a span's sample, in place, for its next denoising step: noises it back if the step is a repeat,
 * then overwrites the known part. Does nothing for a span without a known part.
 */
export async function noiseKnownPart(span: OpenSpan): Promise<void> {
  const { known, scheduler, steps, stepsTaken, rng, latentShape } = span;
  if (known === undefined) return;
  const { t } = steps[stepsTaken];
  const shape = [1, ...latentShape];
  const isRepeat = stepsTaken > 0 && t > steps[stepsTaken - 1].tPrev;
  // A deterministic sampler reuses the initial noise, so the known part also follows a single trajectory.
  const knownNoise = scheduler.stochastic
    ? rng.fork('known').fork(stepsTaken).normals(span.sample.length)
    : span.initialNoise;
  const noised = tf.tidy(() => ({
    knownPart: scheduler.addNoise(
      tf.tensor(known.latent.data, shape),
      tf.tensor(knownNoise, shape),
      tf.tensor1d([t]),
    ),
    unknownPart: isRepeat
      ? renoise(
          scheduler,
          tf.tensor(span.sample, shape),
          tf.tensor(rng.fork('again').fork(stepsTaken).normals(span.sample.length), shape),
          { from: steps[stepsTaken - 1].tPrev, to: t },
        )
      : undefined,
  }));
  try {
    const [knownPart, unknownPart] = await Promise.all([noised.knownPart.data(), noised.unknownPart?.data()]);
    span.sample = mergeKnown(known, knownPart, (unknownPart as Float32Array | undefined) ?? span.sample);
  } finally {
    tf.dispose([noised.knownPart, ...(noised.unknownPart === undefined ? [] : [noised.unknownPart])]);
  }
  if (isRepeat) {
    // A multistep sampler's memory is invalid once the sample is noised back.
    tf.dispose(Object.values(span.memory ?? {}));
    span.memory = undefined;
  }
}

/**
 * Noises a sample from timestep `from` to the noisier timestep `to`. `noiseLevelAt` may be more precise than
 * float32, in which `addNoise` computes: rounding each operation keeps the two consistent.
 */
function renoise(
  scheduler: NoiseScheduler,
  sample: tf.Tensor,
  noise: tf.Tensor,
  { from, to }: { readonly from: number; readonly to: number },
): tf.Tensor {
  const f32 = Math.fround;
  const [before, after] = [scheduler.noiseLevelAt(from), scheduler.noiseLevelAt(to)];
  const sampleScale = f32(f32(after.alpha) / f32(before.alpha));
  const targetVariance = f32(f32(after.sigma) ** 2);
  const scaledVariance = f32(f32(sampleScale * f32(before.sigma)) ** 2);
  const noiseScale = f32(Math.sqrt(Math.max(0, f32(targetVariance - scaledVariance))));
  return tf.add(tf.mul(sample, sampleScale), tf.mul(noise, noiseScale));
}

function mergeKnown(
  { knownMask }: KnownLatent,
  knownPart: ArrayLike<number>,
  unknownPart: Float32Array,
): Float32Array {
  return unknownPart.map((value, i) => (knownMask[i] === 1 ? knownPart[i] : value));
}
