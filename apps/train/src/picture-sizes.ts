import { sizeOf, type ContinuousModality, type Shape } from '@transfusion/modality';
import { isRgbImage } from '@transfusion/modality-image';
import { TransfusionError } from '@transfusion/nn';

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The latent shape that becomes pictures of a size.
 *
 * @throws TransfusionError `invalid-argument` if there is none; the message names the sizes that there are
 */
export async function latentShapeOf(modality: ContinuousModality, size: PictureSize): Promise<Shape> {
  const { latentShapes } = modality;
  const sizes = await pictureSizes(modality);
  const found = sizes.findIndex(({ width, height }) => width === size.width && height === size.height);
  if (found >= 0) return latentShapes[found];
  throw new TransfusionError(
    'invalid-argument',
    `The model draws no pictures of ${formatSize(size)} pixels, only of ${sizes.map(formatSize).join(', ')}.`,
  );
}

/** One for each latent shape. How many pixels a position becomes only the codec knows. */
async function pictureSizes({ codec, latentShapes }: ContinuousModality): Promise<PictureSize[]> {
  const blank = latentShapes.map((shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }));
  return (await codec.decode(blank)).filter(isRgbImage);
}

function formatSize({ width, height }: PictureSize): string {
  return `${width}x${height}`;
}
