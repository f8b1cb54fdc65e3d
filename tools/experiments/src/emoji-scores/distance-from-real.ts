import { frechetDistance, imageFeatureStatistics } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import { validationImages } from '../emoji-set.js';
import { loadInceptionFeatures } from '../inception/inception-features.js';

/** Fréchet distance of images from all real validation ones; comparable only for equal numbers of images. */
export type DistanceFromReal = (images: readonly RgbImage[]) => Promise<number>;

/** Loads InceptionV3 and computes the statistics of the real images: a minute, and another for each distance. */
export async function loadDistanceFromReal(): Promise<DistanceFromReal> {
  const features = await loadInceptionFeatures();
  const images = (await validationImages()).map(({ image }) => image);
  const real = await imageFeatureStatistics(features, images);
  return async (images) => frechetDistance(real, await imageFeatureStatistics(features, images));
}
