import * as tf from '@transfusion/tfjs';
import { createRng } from '@transfusion/nn';
import type { NoiseScheduler, SamplerMemory } from '../noise-scheduler.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/** Options of {@link noiseSchedulerChecks}. */
export interface NoiseSchedulerExample {
  /** Prefix of the checks' names; defaults to the scheduler's name. */
  readonly name?: string;
  /** Creates a clean sample of the scheduler's data; defaults to values between -1 and 1. */
  readonly sample?: () => Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }>;
}

const smallValues: NonNullable<NoiseSchedulerExample['sample']> = () =>
  Promise.resolve({
    shape: [24],
    data: createRng(3)
      .uniforms(24)
      .map((value) => 2 * value - 1),
  });

/**
 * Creates the conformance checks of a noise scheduler, for the tests of custom schedulers. They run on the
 * active TensorFlow.js backend.
 */
export function noiseSchedulerChecks(
  scheduler: NoiseScheduler,
  { name = scheduler.name, sample: exampleSample = smallValues }: NoiseSchedulerExample = {},
): readonly ConformanceCheck[] {
  const { numTrainTimesteps } = scheduler;
  const withSample = (check: (sample: tf.Tensor, noise: tf.Tensor) => void) => async (): Promise<void> => {
    const { shape, data } = await exampleSample();
    tf.tidy(() => {
      const sample = tf.tensor(data, [1, ...shape]);
      check(sample, normalsLike(sample, 'noise'));
    });
  };
  return [
    {
      name: `${name}: the noise scheduler names its process`,
      run: () => {
        const { process } = scheduler;
        expectThat(
          typeof process === 'string' && process !== '',
          () =>
            `the noise scheduler's process is ${JSON.stringify(process)}, expected a string that is not empty`,
        );
      },
    },
    {
      name: `${name}: a config of the noise scheduler is plain JSON with a type`,
      run: () => {
        const { config } = scheduler;
        if (config === undefined) return;
        expectThat(
          config.type !== '',
          () => "the noise scheduler's config.type is empty, expected the type that a factory has",
        );
        for (const [option, value] of Object.entries(config)) {
          expectThat(
            typeof value === 'string' || Number.isFinite(value),
            () =>
              `the noise scheduler's config.${option} is ${String(value)}, expected a string or a finite number`,
          );
        }
      },
    },
    {
      name: `${name}: training timesteps are within their limits, and loss weights are non-negative`,
      run: () => {
        for (const maxTimestep of [numTrainTimesteps, numTrainTimesteps / 2]) {
          const timesteps = scheduler.sampleTimesteps(100, createRng(4), { maxTimestep });
          expectThat(
            timesteps.length === 100,
            () => `sampleTimesteps(100) returned ${timesteps.length} timesteps, expected 100`,
          );
          const outOfRange = timesteps.find((t) => !(t >= 0 && t <= maxTimestep));
          expectThat(
            outOfRange === undefined,
            () => `sampleTimesteps() returned ${outOfRange}, expected 0 to ${maxTimestep}`,
          );
          const weight = scheduler.lossWeights(timesteps).find((w) => !(w >= 0 && Number.isFinite(w)));
          expectThat(
            weight === undefined,
            () => `lossWeights() returned ${weight}, expected finite numbers of at least 0`,
          );
        }
      },
    },
    {
      name: `${name}: noiseLevelAt returns the scales of addNoise`,
      run: withSample((sample, noise) => {
        const scale = Math.max(1, rootMeanSquare(sample));
        for (const { t } of scheduler.timesteps(stepsFor(scheduler))) {
          const { alpha, sigma } = scheduler.noiseLevelAt(t);
          const noisy = scheduler.addNoise(sample, noise, tf.tensor1d([t]));
          const difference = rootMeanSquare(noisy.sub(sample.mul(alpha).add(noise.mul(sigma)))) / scale;
          expectThat(
            difference < 1e-5,
            () =>
              `at timestep ${t}, addNoise() differs by ${difference} from the scales of noiseLevelAt(), ` +
              `expected α = ${alpha}, σ = ${sigma}`,
          );
        }
      }),
    },
    {
      name: `${name}: at timestep 0 there is almost no noise, and the target has the sample’s shape`,
      run: withSample((sample, noise) => {
        const timesteps = tf.tensor1d([0]);
        const noisy = scheduler.addNoise(sample, noise, timesteps);
        expectSameShape('addNoise()', noisy, sample);
        const scale = Math.max(1, rootMeanSquare(sample));
        const difference = rootMeanSquare(noisy.sub(sample)) / scale;
        expectThat(
          difference < 0.1,
          () => `addNoise() at timestep 0 changed the sample by ${difference}, expected less than 0.1`,
        );
        expectSameShape('target()', scheduler.target(sample, noise, timesteps), sample);
      }),
    },
    {
      name: `${name}: the sampling timesteps decrease`,
      run: () => {
        const steps = scheduler.timesteps(stepsFor(scheduler));
        expectThat(steps.length > 0, () => 'timesteps() returned no step, expected at least one');
        steps.forEach(({ t, tPrev }, i) => {
          expectThat(
            tPrev <= t && t <= numTrainTimesteps,
            () =>
              `step ${i} of timesteps() goes from ${t} to ${tPrev}, expected a way down from at most ${numTrainTimesteps}`,
          );
          const next = steps[i + 1]?.t ?? tPrev;
          expectThat(
            next === tPrev,
            () => `step ${i} of timesteps() ends at ${tPrev}, expected ${next}, where the next starts`,
          );
        });
      },
    },
    {
      name: `${name}: with a perfect model, sampling recovers the sample`,
      run: withSample((sample, noise) => {
        const result = sampleWithPerfectModel(scheduler, sample, noise);
        expectSameShape('step()', result, sample);
        const difference = rootMeanSquare(result.sub(sample)) / Math.max(1, rootMeanSquare(sample));
        expectThat(
          difference < 0.02,
          () =>
            `step() led to a sample that differs by ${difference} from the model's, expected less than 0.02`,
        );
      }),
    },
  ];
}

function stepsFor({ numTrainTimesteps }: NoiseScheduler): number {
  return Math.min(20, numTrainTimesteps);
}

/** Samples from noise with a model that knows the clean sample, and therefore the exact noise. */
function sampleWithPerfectModel(scheduler: NoiseScheduler, sample: tf.Tensor, start: tf.Tensor): tf.Tensor {
  let current = start;
  let memory: SamplerMemory | undefined;
  scheduler.timesteps(stepsFor(scheduler)).forEach((at, i) => {
    const { alpha, sigma } = scheduler.noiseLevelAt(at.t);
    const noise = current.sub(sample.mul(alpha)).div(sigma);
    const output = scheduler.target(sample, noise, tf.tensor1d([at.t]));
    const fresh = scheduler.stochastic ? normalsLike(sample, `step ${i}`) : undefined;
    const result = scheduler.step(output, at, current, { noise: fresh, memory });
    expectSameShape('predOriginalSample of step()', result.predOriginalSample, sample);
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
    () => `${what} has the shape [${found.shape}], expected [${shape}], the shape of the sample`,
  );
}
