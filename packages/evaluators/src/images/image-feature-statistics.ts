import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import { featureStatistics, type FeatureStatistics } from '../features/feature-statistics.js';

/** A network of images: one vector of features for each, all of one length. */
export type ImageFeatureNetwork = (images: readonly RgbImage[]) => Promise<readonly Float32Array[]>;

/** Options of {@link imageStatistics}. */
export interface ImageStatisticsOptions {
  /** Images that go through the network together; defaults to 16. */
  readonly batchSize?: number;
}

/**
 * Computes the statistics of the features of images, for {@link frechetDistance}. The images may come one by one (an
 * async generator); no more than a batch of them is held.
 *
 * @throws TransfusionError `mismatch` if the network returns another number of vectors than it got images, or
 *   vectors of several lengths; `invalid-argument` for features that are not finite, or fewer than two images
 */
export async function imageStatistics(
  network: ImageFeatureNetwork,
  images: Iterable<RgbImage> | AsyncIterable<RgbImage>,
  { batchSize = 16 }: ImageStatisticsOptions = {},
): Promise<FeatureStatistics> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `imageStatistics: batchSize is ${batchSize}, expected a positive integer.`,
    );
  }
  const statistics = featureStatistics();
  const addBatch = async (batch: readonly RgbImage[]): Promise<void> => {
    const vectors = await network(batch);
    if (vectors.length !== batch.length) {
      throw new TransfusionError(
        'mismatch',
        `imageStatistics: the network returned ${vectors.length} vectors for ${batch.length} images, ` +
          'expected one for each.',
      );
    }
    for (const vector of vectors) statistics.add(vector);
  };
  let batch: RgbImage[] = [];
  for await (const image of images) {
    batch.push(image);
    if (batch.length < batchSize) continue;
    await addBatch(batch);
    batch = [];
  }
  if (batch.length > 0) await addBatch(batch);
  return statistics.result();
}
