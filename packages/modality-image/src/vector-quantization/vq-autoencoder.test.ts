import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
import { createVqAutoencoder } from './vq-autoencoder.js';

const config = { channels: [4, 8], latentChannels: 3, numBlocks: 1, codebookSize: 7 };

beforeAll(() => tf.setBackend('cpu'));

it('has one vector per position, and a codebook of such vectors', () => {
  const autoencoder = createVqAutoencoder(config);
  expect(autoencoder).toMatchObject({ config, factor: 2 });
  const params = autoencoder.init(createRng(1));
  expect(params.codebook.shape).toEqual([7, 3]);
  const vectors = autoencoder.encode(params, tf.ones([2, 8, 4, 3]));
  expect(vectors.shape).toEqual([2, 4, 2, 3]);
  expect(autoencoder.decode(params, vectors).shape).toEqual([2, 8, 4, 3]);
});

it('has parameters determined by the seed', () => {
  const [first, again, other] = [1, 1, 2].map((seed) => createVqAutoencoder(config).init(createRng(seed)));
  expect(again.codebook.dataSync()).toEqual(first.codebook.dataSync());
  expect(other.codebook.dataSync()).not.toEqual(first.codebook.dataSync());
});

it.each([
  [
    { codebookSize: 0 },
    'createVqAutoencoder: codebookSize is 0, expected a positive integer of at most 1048576',
  ],
  [{ codebookSize: 1.5 }, 'codebookSize is 1.5'],
  [{ channels: [] }, 'channels is [], expected a list of 1 to 12 numbers'],
  [{ latentChannels: 0 }, 'latentChannels is 0'],
])('refuses %j', (sizes, message) => {
  const make = () => createVqAutoencoder({ ...config, ...sizes });
  expect(make).toThrow(TransfusionError);
  expect(make).toThrow(message);
});
