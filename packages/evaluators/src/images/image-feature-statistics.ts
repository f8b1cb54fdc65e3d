import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { featureStatistics, type FeatureStatistics } from '../features/feature-statistics.js';

/** Maps a batch of images to one feature vector per image, all of equal length. */
export type ImageFeatureExtractor = (images: readonly RgbImage[]) => Promise<readonly Float32Array[]>;

/** Options of {@link imageFeatureStatistics}. */
export interface ImageFeatureStatisticsOptions {
  /** Number of images per forward pass; defaults to 16. */
  readonly batchSize?: number;
}

/**
 * Computes mean and covariance of image features, the input of {@link frechetDistance} (FID with Inception
 * features). Images may be streamed; at most `batchSize` are held in memory.
 *
 * @throws TransfusionError `mismatch` if `extractFeatures` does not return one vector per image, or returns
 *   vectors of different lengths; `invalid-argument` for non-finite features, or fewer than two images
 */
export async function imageFeatureStatistics(
  extractFeatures: ImageFeatureExtractor,
  images: Iterable<RgbImage> | AsyncIterable<RgbImage>,
  { batchSize = 16 }: ImageFeatureStatisticsOptions = {},
): Promise<FeatureStatistics> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `imageFeatureStatistics: batchSize is ${batchSize}, expected a positive integer.`,
    );
  }
  const accumulator = featureStatistics();
  const addBatch = async (batch: readonly RgbImage[]): Promise<void> => {
    const vectors = await extractFeatures(batch);
    if (vectors.length !== batch.length) {
      throw new TransfusionError(
        'mismatch',
        `imageFeatureStatistics: extractFeatures returned ${vectors.length} vectors for ${batch.length} images, ` +
          'expected one per image.',
      );
    }
    for (const vector of vectors) accumulator.add(vector);
  };
  let batch: RgbImage[] = [];
  for await (const image of images) {
    batch.push(image);
    if (batch.length < batchSize) continue;
    await addBatch(batch);
    batch = [];
  }
  if (batch.length > 0) await addBatch(batch);
  return accumulator.result();
}
