/** Invalid input: the error names the location and the expected value. */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import { minSnr } from './loss-weighting.js';

function expectError(run: () => unknown, message: RegExp): void {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(TransfusionError.isInstance(error)).toBe(true);
  expect((error as Error).message).toMatch(message);
}

const x = (): tf.Tensor => tf.zeros([2, 3]);
const never = <T>(value: unknown): T => value as T;

beforeAll(() => tf.setBackend('cpu'));

describe('options', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'prediction type',
      () => ddpm({ predictionType: never('noise') }),
      /ddpm: predictionType is 'noise'.*'v_prediction'/,
    ],
    ['flow in diffusion', () => ddim({ predictionType: never('flow') }), /ddim: predictionType is 'flow'/],
    ['epsilon in flow', () => flowEuler({ predictionType: never('epsilon') }), /expected 'flow' or 'sample'/],
    ['spacing', () => ddim({ timestepSpacing: never('even') }), /timestepSpacing is 'even'.*'leading'/],
    ['β schedule', () => ddpm({ betaSchedule: never('square') }), /betaSchedule is 'square'.*'cosine'/],
    ['β', () => ddpm({ betaStart: 0.1, betaEnd: 0.01 }), /β runs from 0\.1 to 0\.01/],
    ['training timesteps', () => ddpm({ numTrainTimesteps: 2.5 }), /numTrainTimesteps is 2\.5/],
    ['clipping', () => dpmSolverPlusPlus({ clipSample: 0 }), /dpm-solver\+\+: clipSample is 0/],
    ['clipping of flow', () => flowHeun({ clipSample: -1 }), /flow-heun: clipSample is -1/],
    ['shift', () => flowEuler({ shift: 0 }), /shift is 0/],
    ['eta', () => ddim({ eta: 2 }), /eta is 2, expected a number from 0 to 1/],
    ['timestep of a table', () => ddpm().noiseLevelAt(1000), /t is 1000.*-1 to 999/],
    ...[0, -1, NaN].map((gamma): [string, () => unknown, RegExp] => [
      `a γ of ${gamma}`,
      () => minSnr(gamma),
      new RegExp(`minSnr: gamma is ${gamma}, expected a positive number`),
    ]),
  ])('%s', (_, run, message) => expectError(run, message));
});

describe('numInferenceSteps out of range', () => {
  test.each([ddpm(), ddim(), dpmSolverPlusPlus(), flowEuler(), flowHeun()])('$name', (scheduler) => {
    for (const count of [0, -1, 1.5, 1001, NaN]) {
      expectError(() => scheduler.timesteps(count), /numInferenceSteps is .*1 to 1000/);
    }
  });
});

describe('step', () => {
  test.each([ddpm(), ddim({ eta: 0.5 })])('$name without noise', (scheduler) => {
    expectError(() => scheduler.step(x(), { t: 500, tPrev: 400 }, x()), /noise is missing.*\[2,3\]/);
    const noise = tf.zeros([3]);
    expectError(
      () => scheduler.step(x(), { t: 500, tPrev: 400 }, x(), { noise }),
      /noise has the shape \[3\]/,
    );
    // The step to the clean sample takes none.
    expect(scheduler.step(x(), { t: 0, tPrev: -1 }, x()).prevSample.shape).toEqual([2, 3]);
  });

  test('memory that is missing, or of a different sampler', () => {
    expectError(() => flowHeun().step(x(), { t: 500, tPrev: 500 }, x()), /'halfway'.*no memory/);
    const { memory } = dpmSolverPlusPlus().step(x(), { t: 500, tPrev: 400 }, x());
    expectError(
      () => flowHeun().step(x(), { t: 500, tPrev: 500 }, x(), { memory }),
      /a memory of predOriginalSample, lambda/,
    );
    expectError(
      () => dpmSolverPlusPlus().step(x(), { t: 500, tPrev: 400 }, x(), { memory: {} }),
      /'predOriginalSample'.*a memory of nothing/,
    );
  });

  test('timesteps that are none', () => {
    for (const at of [
      { t: 1000, tPrev: 900 },
      { t: 10.5, tPrev: 2 },
      { t: 5, tPrev: 5 },
      { t: 5, tPrev: -2 },
    ]) {
      expectError(() => ddim().step(x(), at, x()), /ddim: (t|tPrev) is /);
    }
    for (const at of [
      { t: 1001, tPrev: 900 },
      { t: 0, tPrev: 0 },
      { t: 5, tPrev: 6 },
      { t: NaN, tPrev: 0 },
    ]) {
      expectError(() => flowEuler().step(x(), at, x()), /flow-euler: found a step from t = /);
    }
  });

  test('shapes that differ', () => {
    for (const scheduler of [ddim(), flowEuler()]) {
      const [{ t, tPrev }] = scheduler.timesteps(4);
      expectError(
        () => scheduler.step(tf.zeros([2]), { t, tPrev }, x()),
        /model's output has the shape \[2\]/,
      );
    }
  });
});

describe('training', () => {
  const scheduler = ddpm();

  test('shapes that differ', () => {
    const timesteps = tf.tensor1d([1, 2]);
    expectError(
      () => scheduler.addNoise(x(), tf.zeros([3]), timesteps),
      /addNoise: the noise has the shape \[3\]/,
    );
    expectError(
      () => scheduler.target(x(), x(), tf.tensor1d([1])),
      /target: the timesteps have the shape \[1\], expected \[2\]/,
    );
  });

  test('timesteps out of range', () => {
    for (const maxTimestep of [0, 1001, NaN]) {
      expectError(() => scheduler.sampleTimesteps(4, createRng(0), { maxTimestep }), /maxTimestep is/);
    }
    const weighted = ddpm({ lossWeighting: minSnr() });
    expectError(() => weighted.lossWeights(Float32Array.of(1000)), /t is 1000/);
  });
});
