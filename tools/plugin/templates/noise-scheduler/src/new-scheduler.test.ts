import { noiseSchedulerChecks } from '@transfusion/diffusion/testing';
import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { newScheduler, newSchedulerFactory } from './index.js';

beforeAll(() => tf.setBackend('cpu'));

describe.each([1000, 40])('the contract, with %i timesteps', (numTrainTimesteps) => {
  for (const { name, run } of noiseSchedulerChecks(newScheduler({ numTrainTimesteps }))) test(name, run);
});

test('a number of timesteps that there is not is refused', () => {
  expect(() => newScheduler({ numTrainTimesteps: 0.5 })).toThrow('numTrainTimesteps is 0.5');
});

test('the factory rebuilds it from its config', async () => {
  const factory = newSchedulerFactory();
  const { config } = newScheduler({ numTrainTimesteps: 40 });
  const noAssets = { read: () => Promise.reject(new Error('there are no files')) };
  const rebuilt = await factory.create(config!, noAssets);
  expect(rebuilt.config).toEqual(config);
  expect(rebuilt.timesteps(3)).toEqual(newScheduler({ numTrainTimesteps: 40 }).timesteps(3));
  await expect(factory.create({ type: 'new-scheduler' }, noAssets)).rejects.toThrow('expected a number');
});
