import * as tf from '@transfusion/tfjs';
import { createRng } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import { minSnr, velocity } from './loss-weighting.js';
import type { NoiseScheduler } from './noise-scheduler.js';
import { logitNormal } from './rectified-flow.js';
import { expectClose } from './testing-internals/golden.js';

test.each<[string, NoiseScheduler[]]>([
  ['cosine', [ddpm(), ddim(), dpmSolverPlusPlus({ predictionType: 'v_prediction' })]],
  ['linear 0.0001 0.02', [ddpm({ betaSchedule: 'linear' })]],
  ['scaled-linear 0.001 0.01', [ddim({ betaSchedule: 'scaled-linear', betaStart: 0.001, betaEnd: 0.01 })]],
  ['rectified-flow', [flowEuler(), flowHeun({ predictionType: 'sample' }), flowEuler({ shift: 3 })]],
])('schedulers of one process name it: %s', (process, schedulers) => {
  expect(schedulers.map((scheduler) => scheduler.process)).toEqual(schedulers.map(() => process));
});

describe('training timesteps', () => {
  const draw = (scheduler: NoiseScheduler, options?: { maxTimestep: number }): number[] => [
    ...scheduler.sampleTimesteps(4000, createRng(5), options),
  ];
  const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('of diffusion are whole numbers below maxTimestep, each equally likely', () => {
    const all = draw(ddpm());
    expect(all.every((t) => Number.isInteger(t) && t >= 0 && t < 1000)).toBe(true);
    expect(meanOf(all)).toBeGreaterThan(480);
    expect(meanOf(all)).toBeLessThan(520);
    expect(new Set(draw(ddpm({ numTrainTimesteps: 7 })))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(Math.max(...draw(ddpm(), { maxTimestep: 10 }))).toBe(9);
  });

  test('of rectified flow are any numbers below maxTimestep', () => {
    const all = draw(flowEuler());
    expect(all.every((t) => t >= 0 && t < 1000)).toBe(true);
    expect(Math.abs(meanOf(all) - 500)).toBeLessThan(20);
    const half = draw(flowEuler(), { maxTimestep: 500 });
    expect(Math.max(...half)).toBeLessThan(500);
    expect(Math.abs(meanOf(half) - 250)).toBeLessThan(10);
  });

  test('logit-normal: half of them below the middle, few at the ends', () => {
    const all = draw(flowEuler({ trainingSigmas: logitNormal() }));
    const share = (from: number, to: number): number =>
      all.filter((t) => t >= from && t < to).length / all.length;
    expect(Math.abs(share(0, 500) - 0.5)).toBeLessThan(0.03);
    // Φ(logit(0.7)) - Φ(logit(0.3))
    expect(Math.abs(share(300, 700) - 0.603)).toBeLessThan(0.03);
    expect(share(0, 20)).toBeLessThan(0.005);
    expect(meanOf(draw(flowEuler({ trainingSigmas: logitNormal(1) })))).toBeGreaterThan(600);
  });

  test('shift makes them noisier', () => {
    const [plain, shifted] = [draw(flowEuler()), draw(flowEuler({ shift: 3 }))];
    plain.forEach((t, i) => expect(shifted[i]).toBeCloseTo((3 * t) / (1 + (2 * t) / 1000), 2));
  });

  test('depend on the random stream alone', () => {
    expect(draw(ddpm())).toEqual(draw(ddim({ eta: 1 })));
  });
});

describe('samplers of a family train alike', () => {
  const families: (readonly NoiseScheduler[])[] = [
    [ddpm(), ddim(), dpmSolverPlusPlus()],
    [flowEuler(), flowHeun()],
  ];
  test.each(families)('%#', (first, ...others) => {
    const [sample, noise] = [tf.randomNormal([2, 5]), tf.randomNormal([2, 5])];
    const timesteps = tf.tensor1d([3, 700]);
    for (const other of others) {
      for (const method of ['addNoise', 'target'] as const) {
        expect(other[method](sample, noise, timesteps).dataSync()).toEqual(
          first[method](sample, noise, timesteps).dataSync(),
        );
      }
    }
  });
});

describe('loss weights', () => {
  const timesteps = Float32Array.of(1, 300, 700, 990);

  test('are 1 unless chosen', () => {
    expect([...ddpm().lossWeights(timesteps)]).toEqual([1, 1, 1, 1]);
    expect([...flowEuler().lossWeights(timesteps)]).toEqual([1, 1, 1, 1]);
  });

  test('min-SNR caps what the clean sample’s error counts', () => {
    const weights = ddpm({ predictionType: 'sample', lossWeighting: minSnr(2) }).lossWeights(timesteps);
    expect(weights[0]).toBe(2);
    expect(weights[3]).toBeLessThan(0.01);
    const flow = flowEuler({ lossWeighting: minSnr(5) }).lossWeights(Float32Array.of(0, 500, 1000));
    expect([...flow]).toEqual([0, 0.25, 0]);
  });

  test.each<[string, NoiseScheduler, NoiseScheduler]>([
    [
      'flow, sample',
      flowEuler({ predictionType: 'sample', lossWeighting: velocity() }),
      flowEuler({ lossWeighting: velocity() }),
    ],
    [
      'diffusion, sample',
      ddim({ predictionType: 'sample', lossWeighting: velocity() }),
      ddim({ predictionType: 'v_prediction', lossWeighting: velocity() }),
    ],
    [
      'diffusion, epsilon',
      ddim({ lossWeighting: velocity() }),
      ddim({ predictionType: 'v_prediction', lossWeighting: velocity() }),
    ],
  ])('velocity weighting makes losses equal: %s', (_, scheduler, ofVelocity) => {
    const t = 400;
    const at = Float32Array.of(t);
    expect([...ofVelocity.lossWeights(at)]).toEqual([1]);
    const x = tf.tensor2d([[0.3, -1.2]]);
    const predictedSample = (of: NoiseScheduler, output: tf.Tensor): tf.Tensor =>
      of.step(output, { t, tPrev: t - 10 }, x).predOriginalSample;
    const shift = (of: NoiseScheduler): number => {
      const [a, b] = [0, 0.1].map((output) => predictedSample(of, tf.fill([1, 2], output)).dataSync()[0]);
      return Math.abs(b - a);
    };
    // How far x0 moves for the same error of the output tells how the losses compare.
    const weight = scheduler.lossWeights(at)[0];
    expect(weight).toBeCloseTo((shift(scheduler) / shift(ofVelocity)) ** 2, 3);
  });

  test('velocity weighting does not grow beyond its cap', () => {
    const weights = flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.1) }).lossWeights(
      Float32Array.of(0, 50, 500),
    );
    expectClose(weights, [100, 100, 4]);
  });
});

describe('compiled', () => {
  beforeAll(() => tf.setBackend('onnxruntime'));
  afterAll(() => tf.setBackend('cpu'));

  test.each<[string, NoiseScheduler]>([
    ['epsilon', ddpm({ lossWeighting: minSnr() })],
    ['sample', ddpm({ predictionType: 'sample', betaSchedule: 'linear' })],
    ['v_prediction', ddpm({ predictionType: 'v_prediction' })],
    ['flow', flowEuler()],
    ['flow, sample', flowEuler({ predictionType: 'sample' })],
  ])('%s: as eagerly', (_, scheduler) => {
    const compiled = jit((sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D) => ({
      noisy: scheduler.addNoise(sample, noise, timesteps),
      target: scheduler.target(sample, noise, timesteps),
    }));
    const rng = createRng(2);
    for (const type of ['float32', 'int32'] as const) {
      const [sample, noise] = [0, 1].map(() => tf.tensor(rng.normals(24), [3, 2, 2, 2]));
      const timesteps = tf.tensor1d([0, 999, 421], type);
      const { noisy, target } = compiled(sample, noise, timesteps);
      expectClose(noisy.dataSync(), [...scheduler.addNoise(sample, noise, timesteps).dataSync()], 1e-6);
      expectClose(target.dataSync(), [...scheduler.target(sample, noise, timesteps).dataSync()], 1e-6);
    }
    compiled.dispose();
  });

  test('a step, too', () => {
    const scheduler = dpmSolverPlusPlus();
    const [at] = scheduler.timesteps(8);
    const compiled = jit((output: tf.Tensor, x: tf.Tensor) => scheduler.step(output, at, x).prevSample);
    const [output, x] = [tf.tensor1d([0.1, 2]), tf.tensor1d([-1, 0.4])];
    expectClose(
      compiled(output, x).dataSync(),
      [...scheduler.step(output, at, x).prevSample.dataSync()],
      1e-6,
    );
    compiled.dispose();
  });
});
