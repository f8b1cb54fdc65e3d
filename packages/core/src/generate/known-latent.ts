/**
 * Inpainting with a model that was trained for no such thing (Lugmayr et al. 2022, "RePaint", equation 8,
 * here on latents): before each denoising step the known part of the sample is replaced by the known latent
 * with as much noise as the step expects, so the model draws the rest to fit.
 */
import * as tf from '@tensorflow/tfjs';
import type { InferenceStep, NoiseScheduler } from '@transfusion/diffusion';
import type { Latent } from '@transfusion/modality';
import type { OpenSpan } from './growing-sequence.js';

/** A latent of which some is given, and the rest is to be drawn. */
export interface KnownLatent {
  /** Of the span's shape. Where it is to be drawn, its numbers do not matter, but they must be finite. */
  readonly latent: Latent;
  /**
   * A number for each of the latent's: 1 where it is known and comes out as it is, bit for bit, 0 where it
   * is to be drawn. Nothing between: two noises mixed would be less noise than the model expects.
   */
  readonly mask: ArrayLike<number>;
  /**
   * How often each step but the last is taken, with its noise added again in between, so that what is
   * drawn fits better to what is known (RePaint, section 4.2); 1 by default. It multiplies the time.
   */
  readonly resample?: number;
}

/** The steps with all but the last taken `resample` times. A step that corrects goes with the one before it. */
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

/** The numbers with the known ones put back as they are. */
export function withKnown(known: KnownLatent | undefined, drawn: Float32Array): Float32Array {
  return known === undefined ? drawn : merged(known, known.latent.data, drawn);
}

/** Brings the sample of a span with a known part to where its next step begins. */
export async function prepareStep(span: OpenSpan): Promise<void> {
  const { known, scheduler, steps, stepsTaken, rng, latentShape } = span;
  if (known === undefined) return;
  const { t } = steps[stepsTaken];
  const shape = [1, ...latentShape];
  const isAgain = stepsTaken > 0 && t > steps[stepsTaken - 1].tPrev;
  // What a deterministic sampler sees of the known part lies on one trajectory, as if it had drawn that too.
  const knownNoise = scheduler.stochastic
    ? rng.fork('known').fork(stepsTaken).normals(span.sample.length)
    : span.startNoise;
  const noised = tf.tidy(() => ({
    known: scheduler.addNoise(tf.tensor(known.latent.data, shape), tf.tensor(knownNoise, shape), at(t)),
    drawn: isAgain
      ? noisedFurther(
          scheduler,
          tf.tensor(span.sample, shape),
          tf.tensor(rng.fork('again').fork(stepsTaken).normals(span.sample.length), shape),
          { from: steps[stepsTaken - 1].tPrev, to: t },
        )
      : undefined,
  }));
  try {
    const [knownPart, drawnPart] = await Promise.all([noised.known.data(), noised.drawn?.data()]);
    span.sample = merged(known, knownPart, (drawnPart as Float32Array | undefined) ?? span.sample);
  } finally {
    tf.dispose([noised.known, ...(noised.drawn === undefined ? [] : [noised.drawn])]);
  }
  if (isAgain) {
    // What the sampler remembers leads to where the sample no longer is.
    tf.dispose(Object.values(span.memory ?? {}));
    span.memory = undefined;
  }
}

/** From one timestep up to a noisier one; how much noise each has is what `addNoise` makes of 1 and 0. */
function noisedFurther(
  scheduler: NoiseScheduler,
  sample: tf.Tensor,
  noise: tf.Tensor,
  { from, to }: { readonly from: number; readonly to: number },
): tf.Tensor {
  const [one, zero] = [tf.ones([1]), tf.zeros([1])];
  const alpha = (t: number): tf.Tensor => scheduler.addNoise(one, zero, at(t));
  const sigma = (t: number): tf.Tensor => scheduler.addNoise(zero, one, at(t));
  const kept = tf.div(alpha(to), alpha(from));
  const added = tf.sqrt(tf.relu(tf.sub(tf.square(sigma(to)), tf.square(tf.mul(kept, sigma(from))))));
  return tf.add(tf.mul(sample, kept), tf.mul(noise, added));
}

function at(timestep: number): tf.Tensor1D {
  return tf.tensor1d([timestep]);
}

function merged({ mask }: KnownLatent, known: ArrayLike<number>, drawn: Float32Array): Float32Array {
  return drawn.map((value, i) => (mask[i] === 1 ? known[i] : value));
}
