import * as tf from '@transfusion/tfjs';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { NoiseScheduler, SamplerMemory } from './noise-scheduler.js';
import { programStep, type ProgramState } from './program.js';
import { samplerProgram } from './sampler-program.js';
import { expectClose } from './testing-internals/golden.js';

beforeAll(() => tf.setBackend('cpu'));

const schedulers = [undefined, 0.5].flatMap((clipSample): NoiseScheduler[] => [
  ...(['epsilon', 'sample', 'v_prediction'] as const).flatMap((predictionType) => [
    ddpm({ predictionType, clipSample }),
    ddim({ predictionType, clipSample }),
    ddim({ predictionType, clipSample, eta: 0.7 }),
    dpmSolverPlusPlus({ predictionType, clipSample }),
  ]),
  ...(['flow', 'sample'] as const).flatMap((predictionType) => [
    flowEuler({ predictionType, clipSample }),
    flowHeun({ predictionType, clipSample, shift: 2 }),
  ]),
]);

const SIZE = 40;

/** Samples and predictions of each step, by the scheduler itself, for outputs that do not depend on the sample. */
function trajectory(scheduler: NoiseScheduler, numSteps: number): Float32Array[] {
  const rng = createRng(3);
  let sample = rng.normals(SIZE);
  let memory: SamplerMemory | undefined;
  return scheduler.timesteps(numSteps).flatMap((at, n) => {
    const result = scheduler.step(tf.tensor1d(outputOf(sample, n)), at, tf.tensor1d(sample), {
      memory,
      noise: tf.tensor1d(rng.fork(n).normals(SIZE)),
    });
    memory = result.memory;
    sample = result.prevSample.dataSync<'float32'>();
    return [sample, result.predOriginalSample.dataSync<'float32'>()];
  });
}

/** A model that does not know much. */
function outputOf(sample: Float32Array, n: number): Float32Array {
  const noise = createRng(4).fork(n).normals(SIZE);
  return sample.map((x, i) => 0.5 * x + 0.5 * noise[i]);
}

describe.each(schedulers.map((scheduler) => [JSON.stringify(scheduler.config), scheduler] as const))(
  '%s',
  (_, scheduler) => {
    it.each([1, 2, 7])('takes the same %i steps as a program', (numSteps) => {
      const program = samplerProgram(scheduler, numSteps);
      expect(JSON.parse(JSON.stringify(program))).toEqual(program);
      const rng = createRng(3);
      let state: ProgramState = { sample: rng.normals(SIZE), memory: [] };
      const found = program.steps.flatMap((step, n) => {
        const noise = rng.fork(n).normals(SIZE);
        const result = programStep(program, step, outputOf(state.sample, n), state, noise);
        state = result;
        return [result.sample, result.predOriginalSample];
      });
      const expected = trajectory(scheduler, numSteps);
      expect(found).toHaveLength(expected.length);
      found.forEach((array, i) => expectClose(array, [...expected[i]]));
    });
  },
);

it('lists the noise schedule', () => {
  const { steps, name, stochastic } = samplerProgram(flowEuler(), 4);
  expect({ name, stochastic }).toEqual({ name: 'flow-euler', stochastic: false });
  expect(steps.map(({ t, tPrev }) => [t, tPrev])).toEqual([
    [1000, 750],
    [750, 500],
    [500, 250],
    [250, 0],
  ]);
  steps.forEach(({ t, alpha, sigma }) => {
    expect(alpha).toBeCloseTo(1 - t / 1000);
    expect(sigma).toBeCloseTo(t / 1000);
  });
});

it('refuses a sampler that is not linear', () => {
  const scheduler: NoiseScheduler = {
    ...flowEuler(),
    name: 'squared',
    step: (output, at, sample) => {
      const result = flowEuler().step(output, at, sample);
      return { ...result, prevSample: result.prevSample.square() };
    },
  };
  expect(() => samplerProgram(scheduler, 2)).toThrow("a step of 'squared' is no linear combination");
});
