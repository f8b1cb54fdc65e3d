import { expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import { featureStatistics } from '../features/feature-statistics.js';
import { imageFeatureStatistics } from './image-feature-statistics.js';

const image = (value: number): RgbImage => ({ width: 1, height: 1, data: new Uint8Array(3).fill(value) });
const images = [1, 2, 3, 5, 8].map(image);
const batches: number[] = [];
const extractFeatures = async (batch: readonly RgbImage[]): Promise<Float32Array[]> => {
  batches.push(batch.length);
  return batch.map(({ data }) => Float32Array.of(data[0], data[0] ** 2));
};

it('takes images in batches, from an array or a stream', async () => {
  async function* stream(): AsyncGenerator<RgbImage> {
    yield* images;
  }
  const statistics = featureStatistics();
  for (const { data } of images) statistics.add([data[0], data[0] ** 2]);
  const expected = statistics.result();
  expect(await imageFeatureStatistics(extractFeatures, images, { batchSize: 2 })).toEqual(expected);
  expect(batches.splice(0)).toEqual([2, 2, 1]);
  expect(await imageFeatureStatistics(extractFeatures, stream())).toEqual(expected);
  expect(batches.splice(0)).toEqual([5]);
});

it('refuses a missing vector and an empty batch size', async () => {
  const lossy = async (): Promise<Float32Array[]> => [Float32Array.of(1)];
  await expect(imageFeatureStatistics(lossy, images)).rejects.toThrow('returned 1 vectors for 5 images');
  await expect(imageFeatureStatistics(extractFeatures, images, { batchSize: 0 })).rejects.toThrow(
    'batchSize is 0',
  );
});
