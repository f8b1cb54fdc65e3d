import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { beforeAll, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { samplerFor, samplersFor } from './sampler-for.js';

beforeAll(() => tf.setBackend('cpu'));

const diffusion = {
  numTrainTimesteps: 200,
  betaSchedule: 'scaled-linear',
  betaStart: 0.00085,
  betaEnd: 0.012,
  predictionType: 'v_prediction',
  timestepSpacing: 'trailing',
  clipSample: 1.5,
} as const;
const flow = { numTrainTimesteps: 500, predictionType: 'sample', shift: 3, clipSample: 1 } as const;

test.each<[NoiseScheduler, NoiseScheduler]>([
  [ddpm(diffusion), ddim(diffusion)],
  [ddpm(diffusion), dpmSolverPlusPlus(diffusion)],
  [ddim({ ...diffusion, eta: 0.5 }), ddpm(diffusion)],
  [flowEuler(flow), flowHeun(flow)],
])('carries the settings of training over', (trained, expected) => {
  const sampler = samplerFor(trained, expected.name);
  expect(sampler.config).toEqual(expected.config);
  expect(sampler.process).toBe(trained.process);
});

test('lists the samplers that fit', () => {
  const namesFor = (trained: NoiseScheduler): string[] => samplersFor(trained).map(({ name }) => name);
  expect(namesFor(ddim(diffusion))).toEqual(['ddpm', 'ddim', 'dpm-solver++']);
  expect(namesFor(flowHeun(flow))).toEqual(['flow-euler', 'flow-heun']);
  expect(namesFor({ ...flowEuler(), name: 'trig-flow', config: undefined })).toEqual(['trig-flow']);
});

test('the name of the trained scheduler is that scheduler itself', () => {
  const trained = ddim({ eta: 0.5 });
  expect(samplerFor(trained, 'ddim')).toBe(trained);
  const foreign = { ...flowEuler(), name: 'trig-flow', config: undefined };
  expect(samplerFor(foreign, 'trig-flow')).toBe(foreign);
});

test.each<[NoiseScheduler, string, string, string]>([
  [
    ddpm(),
    'flow-euler',
    'mismatch',
    "samplerFor: the scheduler is 'flow-euler', expected one that fits the noise that the model was trained with " +
      '(cosine, epsilon): ddpm, ddim, dpm-solver++. Choose one of them.',
  ],
  [flowHeun(), 'ddim', 'mismatch', '(rectified-flow, flow): flow-euler, flow-heun.'],
  [flowHeun(), 'euler', 'not-found', "the scheduler is 'euler', expected one that fits"],
  [
    { ...flowEuler(), name: 'trig-flow', process: 'trig-flow', config: undefined },
    'ddim',
    'invalid-argument',
    "the scheduler is 'ddim', but the model was trained with 'trig-flow', which no sampler of",
  ],
])('refuses a sampler that does not fit', (trained, name, code, message) => {
  let error: unknown;
  try {
    samplerFor(trained, name);
  } catch (thrown) {
    error = thrown;
  }
  expect(TransfusionError.isInstance(error) && error.code).toBe(code);
  expect((error as Error).message).toContain(message);
});
