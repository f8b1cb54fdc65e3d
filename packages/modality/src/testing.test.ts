/** The conformance suites pass what is right. */
import * as tf from '@transfusion/tfjs';
import { ddim, ddpm, dpmSolverPlusPlus, flowEuler, flowHeun, velocity } from '@transfusion/diffusion';
import { beforeAll, expect, it } from 'vitest';
import type { DiscreteModality } from './modality.js';
import { continuousModalityChecks, discreteModalityChecks } from './testing.js';
import { runChecks, strip, stripExamples, type Strips } from './testing-internals/strip-checks.js';
import { letters, lettersFactory, strips, stripsFactory } from './testing-internals/toy-modalities.js';

beforeAll(() => tf.setBackend('cpu'));

type Letters = DiscreteModality<string, string>;

const words = ['', 'a', 'zebra'];
const checksOf = (modality: Strips) => continuousModalityChecks(modality, stripExamples);

it('a correct discrete modality passes', async () => {
  const checks = discreteModalityChecks(letters('letters'), {
    values: words,
    foreignValues: ['A', 1],
    factory: lettersFactory,
  });
  expect(await runChecks(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

it('an asynchronous discrete modality passes, too', async () => {
  const { encode, decode, ...rest } = letters('letters');
  const slow: Letters = {
    ...rest,
    encode: async (value) => encode(value),
    decode: async (ids) => decode(ids),
  };
  expect(await runChecks(discreteModalityChecks(slow, { values: words }))).toEqual([]);
});

it.each([
  flowEuler(),
  flowHeun({ predictionType: 'sample', lossWeighting: velocity() }),
  ddpm(),
  ddim({ predictionType: 'v_prediction' }),
  dpmSolverPlusPlus({ betaSchedule: 'scaled-linear', betaStart: 0.00085, betaEnd: 0.012 }),
])('a good continuous modality passes with $name', async (diffusion) => {
  const before = tf.memory().numTensors;
  const checks = [
    ...checksOf({ ...strip, diffusion }),
    ...continuousModalityChecks(strips('other'), { ...stripExamples, factory: stripsFactory }),
  ];
  expect(await runChecks(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  expect(tf.memory().numTensors).toBe(before);
});
