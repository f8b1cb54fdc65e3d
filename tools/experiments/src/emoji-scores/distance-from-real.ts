import { frechetDistance, imageStatistics } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import { heldOutPictures } from '../emoji-set.js';
import { loadInceptionFeatures } from '../inception/inception-features.js';

/** The Fréchet distance of pictures from all real held-out ones. Only distances of equally many can be compared. */
export type DistanceFromReal = (pictures: readonly RgbImage[]) => Promise<number>;

/** Loads InceptionV3 and looks at the real pictures, for a minute; each distance takes another. */
export async function loadDistanceFromReal(): Promise<DistanceFromReal> {
  const features = await loadInceptionFeatures();
  const images = (await heldOutPictures()).map(({ image }) => image);
  const real = await imageStatistics(features, images);
  return async (pictures) => frechetDistance(real, await imageStatistics(features, pictures));
}
