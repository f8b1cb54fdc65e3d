/** `noiseLevelAt` and `config` of every scheduler, and the conformance suite on all of them. */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { beforeAll, describe, expect, test } from 'vitest';
import { createNoiseScheduler } from './create-noise-scheduler.js';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import { velocity } from './loss-weighting.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { logitNormal } from './rectified-flow.js';
import { noiseSchedulerChecks } from './testing.js';

beforeAll(() => tf.setBackend('cpu'));

const schedulers: [string, NoiseScheduler][] = [
  ddpm(),
  ddpm({ numTrainTimesteps: 200, betaSchedule: 'scaled-linear', betaStart: 0.00085, betaEnd: 0.012 }),
  ddim({ eta: 0.3, predictionType: 'v_prediction', timestepSpacing: 'trailing', clipSample: 1.5 }),
  dpmSolverPlusPlus({ predictionType: 'sample', betaSchedule: 'linear' }),
  flowEuler({ shift: 3, trainingSigmas: logitNormal(), lossWeighting: velocity() }),
  flowHeun({ predictionType: 'sample', clipSample: 1 }),
].map((scheduler) => [JSON.stringify(scheduler.config), scheduler]);

describe.each(schedulers)('%s', (_, scheduler) => {
  test.each(noiseSchedulerChecks(scheduler))('$name', ({ run }) => run());

  test('noiseLevelAt is to the bit what addNoise makes of 1 and 0', () => {
    const [one, zero] = [tf.ones([1]), tf.zeros([1])];
    for (const { t } of scheduler.timesteps(17)) {
      const { alpha, sigma } = scheduler.noiseLevelAt(t);
      const at = tf.tensor1d([t]);
      expect(Math.fround(alpha)).toBe(scheduler.addNoise(one, zero, at).dataSync()[0]);
      expect(Math.fround(sigma)).toBe(scheduler.addNoise(zero, one, at).dataSync()[0]);
    }
  });

  test('is made again from its config, and samples alike', () => {
    const config = JSON.parse(JSON.stringify(scheduler.config)) as NonNullable<NoiseScheduler['config']>;
    const again = createNoiseScheduler(config);
    for (const property of ['name', 'process', 'predictionType', 'numTrainTimesteps', 'config'] as const) {
      expect(again[property]).toEqual(scheduler[property]);
    }
    const steps = scheduler.timesteps(5);
    expect(again.timesteps(5)).toEqual(steps);
    const [output, sample, noise] = [0.4, -2, 0.7].map((value) => tf.fill([2, 2], value));
    const stepped = [scheduler, again].map((of) => of.step(output, steps[2], sample, { noise }));
    expect(stepped[1].prevSample.dataSync()).toEqual(stepped[0].prevSample.dataSync());
  });
});

test('the clean sample of diffusion is at -1', () => {
  expect(ddpm().noiseLevelAt(-1)).toEqual({ alpha: 1, sigma: 0 });
});

test.each<[NonNullable<NoiseScheduler['config']>, string, RegExp]>([
  [{ type: 'euler' }, 'not-found', /the type is 'euler', expected 'ddpm' or 'ddim' or/],
  [{ type: 'toString' }, 'not-found', /the type is 'toString'/],
  [
    { type: 'ddpm', eta: 1 },
    'invalid-argument',
    /unknown option 'eta' of 'ddpm', expected one of 'numTrainTimesteps'/,
  ],
  [{ type: 'ddim', eta: 3 }, 'invalid-argument', /ddim: eta is 3/],
  [{ type: 'flow-euler', shift: 'wide' }, 'invalid-argument', /flow-euler: shift is wide/],
])('refuses the config %j', (config, code, message) => {
  let error: unknown;
  try {
    createNoiseScheduler(config);
  } catch (thrown) {
    error = thrown;
  }
  expect(TransfusionError.isInstance(error) && error.code).toBe(code);
  expect((error as Error).message).toMatch(message);
});
