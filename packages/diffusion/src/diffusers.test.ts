/** Every sampler takes the same path as diffusers', over whole trajectories. */
import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import { minSnr } from './loss-weighting.js';
import { createNoiseSchedule, type BetaSchedule } from './noise-schedule.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { expectClose, readGolden } from './testing-internals/golden.js';
import { walk } from './testing-internals/run-trajectory.js';

interface Inputs {
  readonly shape: readonly [number, number];
  readonly sample: readonly number[];
  readonly noises: readonly number[][];
  readonly offsets: readonly number[][];
}

interface Trajectory {
  readonly sampler: keyof typeof samplers;
  readonly options: object;
  readonly numInferenceSteps: number;
  readonly timesteps: readonly number[];
  readonly samples: readonly number[][];
}

interface Training {
  readonly diffusion: readonly {
    readonly betaSchedule: BetaSchedule;
    readonly timesteps: readonly number[];
    readonly noisy: readonly number[];
    readonly targets: Readonly<Record<'epsilon' | 'sample' | 'v_prediction', number[]>>;
    readonly minSnr: Readonly<Record<'epsilon' | 'sample' | 'v_prediction', number[]>>;
  }[];
  readonly flow: { readonly timesteps: readonly number[]; readonly noisy: readonly number[] };
}

const samplers = { ddpm, ddim, dpmSolverPlusPlus, flowEuler, flowHeun };
const inputs = readGolden<Inputs>('inputs');
const training = readGolden<Training>('training');
const tensor = (values: readonly number[]): tf.Tensor => tf.tensor([...values], [...inputs.shape]);

beforeAll(() => tf.setBackend('cpu'));

describe('noise schedules', () => {
  interface Table {
    readonly betaSchedule: BetaSchedule;
    readonly indices: readonly number[];
    readonly alphasCumprod: readonly number[];
  }
  test.each(readGolden<Table[]>('schedules'))('$betaSchedule', ({ betaSchedule, indices, alphasCumprod }) => {
    const table = createNoiseSchedule({
      numTrainTimesteps: 1000,
      betaSchedule,
      betaStart: 0.0001,
      betaEnd: 0.02,
    }).alphasCumprod;
    indices.forEach((index, i) => expect(table[index] / alphasCumprod[i]).toBeCloseTo(1, 10));
  });
});

describe('trajectories', () => {
  const cases = readGolden<Trajectory[]>('trajectories').map(
    (golden) => [`${golden.sampler} ${JSON.stringify(golden.options)}`, golden] as const,
  );
  test.each(cases)('%s', (_, { sampler, options, numInferenceSteps, timesteps, samples }) => {
    const scheduler: NoiseScheduler = samplers[sampler](options);
    expectClose(
      scheduler.timesteps(numInferenceSteps).map(({ t }) => t),
      timesteps,
      1e-6,
    );
    const path = walk(scheduler, numInferenceSteps, tensor(inputs.sample), {
      model: (sample, _at, call) => tf.add(tf.mul(sample, 0.3), tensor(inputs.offsets[call])),
      noise: (call) => tensor(inputs.noises[call]),
    });
    [...path].forEach((sample, step) => expectClose(sample, samples[step]));
    expect.hasAssertions();
  });
});

describe('training', () => {
  const sample = () => tensor(inputs.sample);
  const noise = () => tensor(inputs.noises[0]);

  test.each(training.diffusion)(
    '$betaSchedule',
    ({ betaSchedule, timesteps, noisy, targets, minSnr: weights }) => {
      for (const predictionType of ['epsilon', 'sample', 'v_prediction'] as const) {
        const scheduler = ddpm({ betaSchedule, predictionType, lossWeighting: minSnr(5) });
        const t = tf.tensor1d([...timesteps], 'int32');
        expectClose(scheduler.addNoise(sample(), noise(), t).dataSync(), noisy);
        expectClose(scheduler.target(sample(), noise(), t).dataSync(), targets[predictionType]);
        const found = scheduler.lossWeights(Float32Array.from(timesteps));
        weights[predictionType].forEach((weight, i) => expect(found[i] / weight).toBeCloseTo(1, 5));
      }
    },
  );

  test('rectified flow', () => {
    const t = tf.tensor1d([...training.flow.timesteps]);
    expectClose(flowEuler().addNoise(sample(), noise(), t).dataSync(), training.flow.noisy);
  });
});
