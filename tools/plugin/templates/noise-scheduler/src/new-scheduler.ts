/**
 * A noise scheduler: x = cos(θ)·x0 + sin(θ)·ε, θ from 0 to π/2 (Lu & Song 2024, "TrigFlow"), with DDIM's deterministic
 * step. Replace the noising process, the steps, and this comment.
 */
import { stepsThrough, trainingProcess, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { PartFactory } from '@transfusion/modality';
import * as tf from '@transfusion/tfjs';

/** Options of {@link newScheduler}; all that sampling needs go into `config`. */
export interface NewSchedulerOptions {
  /** Defaults to 1000. */
  readonly numTrainTimesteps?: number;
}

/**
 * Creates the noise scheduler, for the `diffusion` of a modality.
 *
 * @throws TransfusionError `invalid-argument` for a number of timesteps that is not a positive integer
 */
export function newScheduler({ numTrainTimesteps = 1000 }: NewSchedulerOptions = {}): NoiseScheduler {
  if (!Number.isInteger(numTrainTimesteps) || numTrainTimesteps <= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `newScheduler: numTrainTimesteps is ${numTrainTimesteps}, expected a positive integer. Choose another number.`,
    );
  }
  const angleOf = (t: number): number => ((t / numTrainTimesteps) * Math.PI) / 2;
  const noiseLevelAt = (t: number) => ({ alpha: Math.cos(angleOf(t)), sigma: Math.sin(angleOf(t)) });
  return {
    ...trainingProcess({
      predictionType: 'v_prediction',
      // Samplers of equal processes are interchangeable for a trained model.
      process: 'new-scheduler',
      numTrainTimesteps,
      sampleTimesteps: (count, rng, maxTimestep) => rng.uniforms(count).map((u) => u * maxTimestep),
      noiseLevelAt,
      noiseLevelsAt: (timesteps) => {
        const angles = tf.mul(timesteps, Math.PI / 2 / numTrainTimesteps);
        return { alpha: tf.cos(angles), sigma: tf.sin(angles) };
      },
    }),
    name: 'new-scheduler',
    config: { type: 'new-scheduler', numTrainTimesteps },
    // With `true`, `step` gets noise; what it has to remember from step to step goes through `memory`.
    stochastic: false,
    timesteps: (numInferenceSteps) => {
      const down = Array.from(
        { length: numInferenceSteps },
        (_, i) => numTrainTimesteps * (1 - i / numInferenceSteps),
      );
      return stepsThrough(down, 0);
    },
    step: (modelOutput, { t, tPrev }, sample) =>
      tf.tidy(() => {
        const [now, prev] = [noiseLevelAt(t), noiseLevelAt(tPrev)];
        const predOriginalSample = tf.sub(tf.mul(sample, now.alpha), tf.mul(modelOutput, now.sigma));
        const noise = tf.add(tf.mul(sample, now.sigma), tf.mul(modelOutput, now.alpha));
        const prevSample = tf.add(tf.mul(predOriginalSample, prev.alpha), tf.mul(noise, prev.sigma));
        return { prevSample, predOriginalSample };
      }),
  };
}

/** Returns the factory that rebuilds the noise scheduler from a checkpoint, such as for `imageFactory({ schedulers })`. */
export function newSchedulerFactory(): PartFactory<NoiseScheduler> {
  return {
    type: 'new-scheduler',
    create: async ({ numTrainTimesteps }) => {
      if (typeof numTrainTimesteps === 'number') return newScheduler({ numTrainTimesteps });
      throw new TransfusionError(
        'invalid-file',
        `The noise scheduler 'new-scheduler' has the numTrainTimesteps ${JSON.stringify(numTrainTimesteps)}, ` +
          'expected a number. Use the version of the package that wrote the checkpoint.',
      );
    },
  };
}
