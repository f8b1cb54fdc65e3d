/**
 * Inpainting with a model that was not trained for it (Lugmayr et al. 2022, "RePaint", equation 8, here on latents):
 * before each denoising step the known part of the sample is replaced by the known latent with as much noise as the
 * step expects, so the model generates the rest to fit.
 */
import * as tf from '@tensorflow/tfjs';
import type { InferenceStep, NoiseScheduler } from '@transfusion/diffusion';
import type { OpenSpan } from './open-span.js';
import type { KnownLatent } from './request.js';

/** Repeats all steps but the last `resample` times. A step that corrects goes with the one before it. */
export function resampledSteps(steps: readonly InferenceStep[], resample: number): readonly InferenceStep[] {
  const stretches: InferenceStep[][] = [];
  for (const step of steps) {
    if (step.tPrev === step.t) stretches[stretches.length - 1].push(step);
    else stretches.push([step]);
  }
  return stretches.flatMap((stretch, i) =>
    i === stretches.length - 1 ? stretch : new Array<InferenceStep[]>(resample).fill(stretch).flat(),
  );
}

/** Puts the known elements back into a latent as they are. */
export function withKnown(known: KnownLatent | undefined, latent: Float32Array): Float32Array {
  return known === undefined ? latent : merged(known, known.latent.data, latent);
}

/** Brings the sample of a span with a known part to where its next step begins. */
export async function prepareStep(span: OpenSpan): Promise<void> {
  const { known, scheduler, steps, stepsTaken, rng, latentShape } = span;
  if (known === undefined) return;
  const { t } = steps[stepsTaken];
  const shape = [1, ...latentShape];
  const isAgain = stepsTaken > 0 && t > steps[stepsTaken - 1].tPrev;
  // A deterministic sampler reuses the initial noise, so that the known part follows one trajectory, too.
  const knownNoise = scheduler.stochastic
    ? rng.fork('known').fork(stepsTaken).normals(span.sample.length)
    : span.startNoise;
  const noised = tf.tidy(() => ({
    known: scheduler.addNoise(
      tf.tensor(known.latent.data, shape),
      tf.tensor(knownNoise, shape),
      tf.tensor1d([t]),
    ),
    rest: isAgain
      ? noisedFurther(
          scheduler,
          tf.tensor(span.sample, shape),
          tf.tensor(rng.fork('again').fork(stepsTaken).normals(span.sample.length), shape),
          { from: steps[stepsTaken - 1].tPrev, to: t },
        )
      : undefined,
  }));
  try {
    const [knownPart, rest] = await Promise.all([noised.known.data(), noised.rest?.data()]);
    span.sample = merged(known, knownPart, (rest as Float32Array | undefined) ?? span.sample);
  } finally {
    tf.dispose([noised.known, ...(noised.rest === undefined ? [] : [noised.rest])]);
  }
  if (isAgain) {
    // The sampler's memory belongs to where the sample no longer is.
    tf.dispose(Object.values(span.memory ?? {}));
    span.memory = undefined;
  }
}

/** Adds noise to a sample at one timestep so that it is as noisy as at a later one. Scales are float32 throughout. */
function noisedFurther(
  scheduler: NoiseScheduler,
  sample: tf.Tensor,
  noise: tf.Tensor,
  { from, to }: { readonly from: number; readonly to: number },
): tf.Tensor {
  const f32 = Math.fround;
  const [before, after] = [scheduler.noiseLevelAt(from), scheduler.noiseLevelAt(to)];
  const kept = f32(f32(after.alpha) / f32(before.alpha));
  const variance = f32(f32(after.sigma) ** 2);
  const keptVariance = f32(f32(kept * f32(before.sigma)) ** 2);
  const added = f32(Math.sqrt(Math.max(0, f32(variance - keptVariance))));
  return tf.add(tf.mul(sample, kept), tf.mul(noise, added));
}

function merged({ mask }: KnownLatent, known: ArrayLike<number>, rest: Float32Array): Float32Array {
  return rest.map((value, i) => (mask[i] === 1 ? known[i] : value));
}
