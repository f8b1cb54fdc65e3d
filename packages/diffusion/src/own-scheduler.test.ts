/**
 * A scheduler that is written from public names only: what the README's section "A scheduler of your own"
 * shows.
 */
import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { stepsThrough, trainingProcess, type NoiseScheduler } from './index.js';
import { noiseSchedulerChecks } from './testing.js';

const T = 1000;

/** x = cos(θ)·x0 + sin(θ)·ε (Lu & Song 2024, "TrigFlow"), θ from 0 to π/2, with DDIM's deterministic step. */
function trigFlow(): NoiseScheduler {
  const angle = (t: number): number => ((t / T) * Math.PI) / 2;
  const noiseLevelAt = (t: number) => ({ alpha: Math.cos(angle(t)), sigma: Math.sin(angle(t)) });
  return {
    ...trainingProcess({
      predictionType: 'v_prediction',
      process: 'trig-flow',
      numTrainTimesteps: T,
      sampleTimesteps: (count, rng, maxTimestep) => rng.uniforms(count).map((u) => u * maxTimestep),
      noiseLevelAt,
      noiseLevelsAt: (timesteps) => {
        const angles = tf.mul(timesteps, Math.PI / 2 / T);
        return { alpha: tf.cos(angles), sigma: tf.sin(angles) };
      },
    }),
    name: 'trig-flow',
    config: { type: 'trig-flow' },
    stochastic: false,
    timesteps: (n) =>
      stepsThrough(
        Array.from({ length: n }, (_, i) => T * (1 - i / n)),
        0,
      ),
    step: (modelOutput, { t, tPrev }, sample) =>
      tf.tidy(() => {
        const [now, prev] = [noiseLevelAt(t), noiseLevelAt(tPrev)];
        const predOriginalSample = tf.sub(tf.mul(sample, now.alpha), tf.mul(modelOutput, now.sigma));
        const noise = tf.add(tf.mul(sample, now.sigma), tf.mul(modelOutput, now.alpha));
        const prevSample = tf.add(tf.mul(predOriginalSample, prev.alpha), tf.mul(noise, prev.sigma));
        return { prevSample, predOriginalSample };
      }),
  };
}

beforeAll(() => tf.setBackend('cpu'));

describe('a scheduler of one’s own passes', () => {
  it.each(noiseSchedulerChecks(trigFlow()))('$name', ({ run }) => run());
});

describe('the checks find', () => {
  const scheduler = trigFlow();
  it.each<[string, Partial<NoiseScheduler>, RegExp]>([
    ['a wrong noise level', { noiseLevelAt: () => ({ alpha: 0.5, sigma: 0.5 }) }, /addNoise\(\) differs by/],
    ['a config without a type', { config: { type: '' } }, /config\.type is empty/],
    ['a config that is not JSON', { config: { type: 'x', shift: NaN } }, /config\.shift is NaN/],
    ['steps that go up', { timesteps: () => [{ t: 10, tPrev: 20 }] }, /goes from 10 to 20/],
  ])('%s', async (_, changes, message) => {
    const messages: string[] = [];
    for (const { run } of noiseSchedulerChecks({ ...scheduler, ...changes })) {
      try {
        await run();
      } catch (error) {
        messages.push((error as Error).message);
      }
    }
    expect(messages.join('\n')).toMatch(message);
  });
});
