/**
 * Data of a Gaussian distribution N(mean, stddev²), whose best model is known: the expectation of x0
 * given x is mean + α·stddev² / (α²·stddev² + σ²) · (x - α·mean). Sampling with it must give the
 * distribution back.
 */
import * as tf from '@transfusion/tfjs';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import type { InferenceStep, NoiseScheduler } from './noise-scheduler.js';
import { sampleWith } from './testing-internals/run-trajectory.js';

const MEAN = 0.6;
const STDDEV = 0.5;
const COUNT = 600;
const rng = createRng(3);

function momentsOf(values: ArrayLike<number>): { mean: number; stddev: number } {
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const variance = Array.from(values).reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, stddev: Math.sqrt(variance) };
}

/** Noise of exactly the moments it should have, so that a few hundred numbers are enough. */
function standardNoise(label: string | number): tf.Tensor {
  const values = rng.fork(label).normals(COUNT);
  const { mean, stddev } = momentsOf(values);
  return tf.tensor1d(values.map((value) => (value - mean) / stddev));
}

/** The best model, in the words of the scheduler's prediction type. */
function bestModel(scheduler: NoiseScheduler) {
  return (x: tf.Tensor, { t }: InferenceStep): tf.Tensor =>
    tf.tidy(() => {
      const { alpha, sigma } = scheduler.noiseLevelAt(t);
      const gain = (alpha * STDDEV ** 2) / (alpha ** 2 * STDDEV ** 2 + sigma ** 2);
      const sample = tf.add(tf.mul(tf.sub(x, alpha * MEAN), gain), MEAN);
      const noise = tf.div(tf.sub(x, tf.mul(sample, alpha)), sigma);
      return scheduler.target(sample, noise, tf.fill([COUNT], t));
    });
}

function sampledMoments(scheduler: NoiseScheduler, numInferenceSteps: number) {
  const end = sampleWith(scheduler, numInferenceSteps, standardNoise('start'), {
    model: bestModel(scheduler),
    noise: (call) => standardNoise(call),
  });
  return momentsOf(end);
}

beforeAll(() => tf.setBackend('cpu'));

describe('gives mean and standard deviation back', () => {
  test.each<[string, NoiseScheduler, number, number]>([
    ['ddpm', ddpm(), 200, 0.03],
    [
      'ddpm, v_prediction, linear',
      ddpm({ predictionType: 'v_prediction', betaSchedule: 'linear' }),
      200,
      0.03,
    ],
    ['ddim', ddim(), 100, 0.02],
    ['ddim with eta', ddim({ eta: 1, predictionType: 'sample' }), 200, 0.03],
    [
      'ddim, v_prediction, trailing',
      ddim({ predictionType: 'v_prediction', timestepSpacing: 'trailing' }),
      100,
      0.02,
    ],
    // `leading` starts where some of the mean is left, from noise that has none.
    ['dpm-solver++', dpmSolverPlusPlus(), 50, 0.03],
    [
      'dpm-solver++, trailing',
      dpmSolverPlusPlus({ predictionType: 'sample', timestepSpacing: 'trailing' }),
      50,
      0.005,
    ],
    [
      'dpm-solver++, sample, linear',
      dpmSolverPlusPlus({ predictionType: 'sample', betaSchedule: 'linear' }),
      50,
      0.02,
    ],
    ['flow-euler', flowEuler(), 100, 0.02],
    ['flow-euler, sample', flowEuler({ predictionType: 'sample', shift: 2 }), 100, 0.02],
    ['flow-heun', flowHeun(), 25, 0.02],
  ])('%s', (_, scheduler, numInferenceSteps, tolerance) => {
    const { mean, stddev } = sampledMoments(scheduler, numInferenceSteps);
    expect(Math.abs(mean - MEAN)).toBeLessThan(tolerance);
    expect(Math.abs(stddev - STDDEV)).toBeLessThan(tolerance);
  });
});

describe('a second-order sampler needs fewer model calls than a first-order one', () => {
  const error = (scheduler: NoiseScheduler, numInferenceSteps: number): number =>
    Math.abs(sampledMoments(scheduler, numInferenceSteps).stddev - STDDEV);

  test('dpm-solver++ against ddim', () => {
    expect(error(dpmSolverPlusPlus(), 20)).toBeLessThan(error(ddim(), 20) / 2);
  });

  test('flow-heun against flow-euler', () => {
    expect(error(flowHeun(), 10)).toBeLessThan(error(flowEuler(), 19) / 2);
  });
});
