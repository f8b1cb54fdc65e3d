/**
 * Inpainting with a model that was not trained for it (Lugmayr et al. 2022, "RePaint", equation 8, here on
 * latents): before each denoising step the known part of the sample is replaced by the known latent, noised
 * to the level that the step expects, so that the model generates the rest to fit. Resampling (section 4.2)
 * repeats each step: the sample is noised back to the step's start and denoised again. Unlike the paper, the
 * jump length is 1. After the last step the known elements are restored exactly.
 */
import type { NoiseLevel } from '@transfusion/diffusion';
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
export function noiseKnownPart(span: OpenSpan): void {
  const { known, sampler, steps, stepsTaken, rng, sample } = span;
  if (known === undefined) return;
  const { t } = steps[stepsTaken];
  const level = sampler.noiseLevelAt(t);
  const isRepeat = stepsTaken > 0 && t > steps[stepsTaken - 1].tPrev;
  // A deterministic sampler reuses the initial noise, so the known part also follows a single trajectory.
  const knownNoise = sampler.stochastic
    ? rng.fork('known').fork(stepsTaken).normals(sample.length)
    : span.initialNoise;
  const knownPart = combine(level, known.latent.data, knownNoise);
  const unknownPart = isRepeat
    ? renoise(sample, rng.fork('again').fork(stepsTaken).normals(sample.length), {
        from: sampler.noiseLevelAt(steps[stepsTaken - 1].tPrev),
        to: level,
      })
    : sample;
  span.sample = mergeKnown(known, knownPart, unknownPart);
  // A multistep sampler's memory is invalid once the sample is noised back.
  if (isRepeat) sampler.reset();
}

/** Computes in float32, rounding each operation, as the schedulers' `addNoise` does. */
function combine({ alpha, sigma }: NoiseLevel, sample: Float32Array, noise: Float32Array): Float32Array {
  const f32 = Math.fround;
  const [ofSample, ofNoise] = [f32(alpha), f32(sigma)];
  return sample.map((x, i) => f32(ofSample * x) + f32(ofNoise * noise[i]));
}

/** Noises a sample to a noisier level, in float32: rounding each operation keeps it consistent with {@link combine}. */
function renoise(
  sample: Float32Array,
  noise: Float32Array,
  { from, to }: { readonly from: NoiseLevel; readonly to: NoiseLevel },
): Float32Array {
  const f32 = Math.fround;
  const alpha = f32(f32(to.alpha) / f32(from.alpha));
  const targetVariance = f32(f32(to.sigma) ** 2);
  const scaledVariance = f32(f32(alpha * f32(from.sigma)) ** 2);
  const sigma = f32(Math.sqrt(Math.max(0, f32(targetVariance - scaledVariance))));
  return combine({ alpha, sigma }, sample, noise);
}

function mergeKnown(
  { knownMask }: KnownLatent,
  knownPart: ArrayLike<number>,
  unknownPart: Float32Array,
): Float32Array {
  return unknownPart.map((value, i) => (knownMask[i] === 1 ? knownPart[i] : value));
}
