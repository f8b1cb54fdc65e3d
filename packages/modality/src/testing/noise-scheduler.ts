/** Checks of a {@link NoiseScheduler} on latents of the modality it belongs to. */
import * as tf from '@tensorflow/tfjs';
import type { NoiseScheduler, SamplerMemory } from '@transfusion/diffusion';
import { createRng } from '@transfusion/nn';
import type { Latent } from '../latent.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

export function noiseSchedulerChecks(
  { name, diffusion }: { readonly name: string; readonly diffusion: NoiseScheduler },
  exampleLatent: () => Promise<Latent>,
): readonly ConformanceCheck[] {
  const { numTrainTimesteps } = diffusion;
  const withSample = (check: (sample: tf.Tensor, noise: tf.Tensor) => void) => async (): Promise<void> => {
    const { shape, data } = await exampleLatent();
    tf.tidy(() => {
      const sample = tf.tensor(data, [1, ...shape]);
      check(sample, normalsLike(sample, 'noise'));
    });
  };
  return [
    {
      name: `${name}: the noise scheduler names its process`,
      run: () => {
        const { process } = diffusion;
        expectThat(
          typeof process === 'string' && process !== '',
          () => `process is ${JSON.stringify(process)}`,
        );
      },
    },
    {
      name: `${name}: timesteps of training lie within their limits, and their weights are numbers from 0 on`,
      run: () => {
        for (const maxTimestep of [numTrainTimesteps, numTrainTimesteps / 2]) {
          const timesteps = diffusion.sampleTimesteps(100, createRng(4), { maxTimestep });
          expectThat(timesteps.length === 100, () => `sampleTimesteps(100) gives ${timesteps.length}`);
          const wrong = timesteps.find((t) => !(t >= 0 && t <= maxTimestep));
          expectThat(
            wrong === undefined,
            () => `sampleTimesteps() gives ${wrong}, expected 0 to ${maxTimestep}`,
          );
          const weight = diffusion.lossWeights(timesteps).find((w) => !(w >= 0 && Number.isFinite(w)));
          expectThat(weight === undefined, () => `lossWeights() gives ${weight}`);
        }
      },
    },
    {
      name: `${name}: at the smallest timestep there is next to no noise, and the target has the sample’s shape`,
      run: withSample((sample, noise) => {
        const timesteps = tf.tensor1d([0]);
        const noised = diffusion.addNoise(sample, noise, timesteps);
        expectSameShape('addNoise()', noised, sample);
        const scale = Math.max(1, rootMeanSquare(sample));
        const apart = rootMeanSquare(noised.sub(sample)) / scale;
        expectThat(apart < 0.1, () => `at timestep 0, addNoise() moves the sample by ${apart}`);
        expectSameShape('target()', diffusion.target(sample, noise, timesteps), sample);
      }),
    },
    {
      name: `${name}: the timesteps of sampling go down`,
      run: () => {
        const steps = diffusion.timesteps(stepsFor(diffusion));
        expectThat(steps.length > 0, () => 'timesteps() is empty');
        steps.forEach(({ t, tPrev }, i) => {
          expectThat(
            tPrev <= t && t <= numTrainTimesteps,
            () => `step ${i} of timesteps() goes from ${t} to ${tPrev}`,
          );
          const next = steps[i + 1]?.t ?? tPrev;
          expectThat(
            next === tPrev,
            () => `step ${i} of timesteps() leads to ${tPrev}, the next starts at ${next}`,
          );
        });
      },
    },
    {
      name: `${name}: with a perfect model, sampling finds the sample`,
      run: withSample((sample, noise) => {
        const found = trajectory(diffusion, sample, noise);
        expectSameShape('step()', found, sample);
        const apart = rootMeanSquare(found.sub(sample)) / Math.max(1, rootMeanSquare(sample));
        expectThat(apart < 0.02, () => `sampling ends ${apart} away from the sample that the model knows`);
      }),
    },
  ];
}

function stepsFor({ numTrainTimesteps }: NoiseScheduler): number {
  return Math.min(20, numTrainTimesteps);
}

/** From noise, with a model that knows the sample and so tells the noise from it. */
function trajectory(diffusion: NoiseScheduler, sample: tf.Tensor, start: tf.Tensor): tf.Tensor {
  let current = start;
  let memory: SamplerMemory | undefined;
  diffusion.timesteps(stepsFor(diffusion)).forEach((at, i) => {
    const timesteps = tf.tensor1d([at.t]);
    const ofSample = diffusion.addNoise(sample, tf.zerosLike(sample), timesteps);
    const ofNoise = diffusion.addNoise(tf.zerosLike(sample), tf.onesLike(sample), timesteps);
    const noise = current.sub(ofSample).div(ofNoise);
    const output = diffusion.target(sample, noise, timesteps);
    const fresh = diffusion.stochastic ? normalsLike(sample, `step ${i}`) : undefined;
    const result = diffusion.step(output, at, current, { noise: fresh, memory });
    expectSameShape('predOriginalSample', result.predOriginalSample, sample);
    current = result.prevSample;
    memory = result.memory;
  });
  return current;
}

function normalsLike({ size, shape }: tf.Tensor, label: string): tf.Tensor {
  return tf.tensor(createRng(5).fork(label).normals(size), shape);
}

function rootMeanSquare(x: tf.Tensor): number {
  return Math.sqrt(x.square().mean().dataSync()[0]);
}

function expectSameShape(what: string, found: tf.Tensor, { shape }: tf.Tensor): void {
  expectThat(
    found.shape.join() === shape.join(),
    () => `${what} has the shape [${found.shape}], expected [${shape}]`,
  );
}
