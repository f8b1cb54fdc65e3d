/** Properties of every sampler. */
import * as tf from '@transfusion/tfjs';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { InferenceStep, NoiseScheduler } from './noise-scheduler.js';
import { expectClose } from './testing-internals/golden.js';
import { sampleWith, walk } from './testing-internals/run-trajectory.js';

const diffusionTypes = ['epsilon', 'sample', 'v_prediction'] as const;
const schedulers: [string, NoiseScheduler][] = [
  ...diffusionTypes.flatMap((predictionType) => [
    ddpm({ predictionType }),
    ddim({ predictionType }),
    ddim({ predictionType, eta: 0.7 }),
    dpmSolverPlusPlus({ predictionType }),
  ]),
  ...(['flow', 'sample'] as const).flatMap((predictionType) => [
    flowEuler({ predictionType }),
    flowHeun({ predictionType, shift: 2 }),
  ]),
].map((scheduler) => [
  `${scheduler.name}${scheduler.name === 'ddim' && scheduler.stochastic ? ' with eta' : ''}, ${scheduler.predictionType}`,
  scheduler,
]);
const deterministic = schedulers.filter(([, { stochastic }]) => !stochastic);

const SHAPE = [2, 3, 2];
const rng = createRng(1);
const clean = rng.normals(12);
const noise = rng.normals(12);
const fresh = Array.from({ length: 40 }, () => rng.normals(12));
const tensor = (values: ArrayLike<number>): tf.Tensor => tf.tensor(Float32Array.from(values), SHAPE);

/** The noisy sample at `t`, and what a perfect model says there. */
function truth(scheduler: NoiseScheduler, t: number): { noisy: tf.Tensor; output: tf.Tensor } {
  return tf.tidy(() => {
    const timesteps = tf.fill([SHAPE[0]], t) as tf.Tensor1D;
    const args = [tensor(clean), tensor(noise), timesteps] as const;
    return { noisy: scheduler.addNoise(...args), output: scheduler.target(...args) };
  });
}

/** A model that knows the clean sample, and answers in the scheduler's prediction type. */
function omniscient(scheduler: NoiseScheduler) {
  return (sample: tf.Tensor, { t }: InferenceStep): tf.Tensor =>
    tf.tidy(() => {
      const timesteps = tf.fill([SHAPE[0]], t) as tf.Tensor1D;
      const { alpha, sigma } = scheduler.noiseLevelAt(t);
      const impliedNoise = tf.div(tf.sub(sample, tf.mul(tensor(clean), alpha)), sigma);
      return scheduler.target(tensor(clean), impliedNoise, timesteps);
    });
}

beforeAll(() => tf.setBackend('cpu'));

describe.each(schedulers)('%s', (_, scheduler) => {
  const last = scheduler.timesteps(20).at(-1)!;
  const middle = scheduler.timesteps(20)[8];

  test('with the true output, says what the clean sample was', () => {
    const { noisy, output } = truth(scheduler, middle.t);
    const { predOriginalSample } = scheduler.step(output, { t: middle.t, tPrev: last.tPrev }, noisy);
    expectClose(predOriginalSample.dataSync(), [...clean], 1e-5);
  });

  test('with the true output, the step to the end recovers the clean sample', () => {
    const { noisy, output } = truth(scheduler, middle.t);
    const { prevSample } = scheduler.step(output, { t: middle.t, tPrev: last.tPrev }, noisy);
    expectClose(prevSample.dataSync(), [...clean], 1e-5);
  });

  test('ends at the sample that the model knows', () => {
    const end = sampleWith(scheduler, 20, tensor(noise), {
      model: omniscient(scheduler),
      noise: (call) => tensor(fresh[call]),
    });
    expectClose(end, [...clean], 1e-4);
  });

  test('leaks nothing over a trajectory', () => {
    const start = tensor(noise);
    const before = tf.memory().numTensors;
    const model = omniscient(scheduler);
    sampleWith(scheduler, 5, start, { model, noise: (call) => tensor(fresh[call]) });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('keeps no state: interleaved trajectories are those run apart', () => {
    const inputs = (seed: number) => ({
      start: tensor(seed === 0 ? noise : clean),
      model: (sample: tf.Tensor, _at: InferenceStep, call: number) =>
        tf.tidy(() => tf.add(tf.mul(sample, 0.2), tensor(fresh[call + seed]))),
      noise: (call: number) => tensor(fresh[call + 1 + seed]),
    });
    const run = (seed: number, count: number) => {
      const { start, ...rest } = inputs(seed);
      return walk(scheduler, count, start, rest);
    };
    const apart = [[...run(0, 8)], [...run(1, 6)]];
    const together: number[][][] = [[], []];
    const walks = [run(0, 8), run(1, 6)];
    for (let done = 0; done < 2;) {
      done = 0;
      walks.forEach((path, i) => {
        const { value, done: ended } = path.next();
        if (ended) done++;
        else together[i].push(value);
      });
    }
    expect(together).toEqual(apart);
  });

  test('leaks nothing, and disposes of nothing of the caller’s', () => {
    const { noisy, output } = truth(scheduler, middle.t);
    const options = { noise: tensor(fresh[0]) };
    const before = tf.memory().numTensors;
    const result = scheduler.step(output, middle, noisy, options);
    const memory = Object.values(result.memory ?? {});
    expect(tf.memory().numTensors).toBe(before + 2 + memory.length);
    // Each result is the caller's to dispose of, whenever it likes.
    result.predOriginalSample.dispose();
    noisy.dispose();
    output.dispose();
    options.noise.dispose();
    for (const tensor of [result.prevSample, ...memory]) expect(tensor.dataSync()).not.toContain(NaN);
    tf.dispose([result.prevSample, ...memory]);
    expect(tf.memory().numTensors).toBe(before - 3);
  });

  test('training leaks nothing', () => {
    const args = [tensor(clean), tensor(noise), tf.tensor1d([1, 7])] as const;
    const before = tf.memory().numTensors;
    tf.dispose([scheduler.addNoise(...args), scheduler.target(...args)]);
    expect(tf.memory().numTensors).toBe(before);
    expect(args.every((tensor) => !tensor.isDisposed)).toBe(true);
  });

  test('takes any rank', () => {
    for (const shape of [[12], [4, 3], [1, 2, 1, 2, 3]]) {
      const [sample, output] = [noise, clean].map((values) => tf.tensor(values, shape));
      const { prevSample } = scheduler.step(output, middle, sample, { noise: tf.tensor(fresh[0], shape) });
      expect(prevSample.shape).toEqual(shape);
    }
  });
});

test.each(deterministic)('%s gives equal numbers at each run', (_, scheduler) => {
  const run = () => sampleWith(scheduler, 7, tensor(noise), { model: omniscient(scheduler) });
  expect(run()).toEqual(run());
});

test('clips predicted samples where told to', () => {
  const clipSample = 0.5;
  const clipped = [
    ...diffusionTypes.flatMap((predictionType) =>
      [ddpm, ddim, dpmSolverPlusPlus].map((sampler) => sampler({ predictionType, clipSample })),
    ),
    ...(['flow', 'sample'] as const).flatMap((predictionType) =>
      [flowEuler, flowHeun].map((sampler) => sampler({ predictionType, clipSample })),
    ),
  ];
  for (const scheduler of clipped) {
    const end = sampleWith(scheduler, 12, tensor(noise), {
      model: omniscient(scheduler),
      noise: (call) => tensor(fresh[call]),
    });
    expectClose(
      end,
      Array.from(clean, (value) => Math.max(-clipSample, Math.min(clipSample, value))),
      1e-3,
    );
  }
});
