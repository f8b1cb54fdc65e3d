import { frechetDistance, imageStatistics } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import { validationImages } from '../emoji-set.js';
import { loadInceptionFeatures } from '../inception/inception-features.js';

/** The Fréchet distance of images from all real validation ones. Only distances of equally many can be compared. */
export type DistanceFromReal = (images: readonly RgbImage[]) => Promise<number>;

/** Loads InceptionV3 and looks at the real images, for a minute; each distance takes another. */
export async function loadDistanceFromReal(): Promise<DistanceFromReal> {
  const features = await loadInceptionFeatures();
  const images = (await validationImages()).map(({ image }) => image);
  const real = await imageStatistics(features, images);
  return async (images) => frechetDistance(real, await imageStatistics(features, images));
}
