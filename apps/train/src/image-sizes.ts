import { TransfusionError } from '@transfusion/errors';
import { sizeOf, type ContinuousModality, type Shape } from '@transfusion/modality';
import { isRgbImage } from '@transfusion/modality-image';

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The latent shape that becomes images of a size.
 *
 * @throws TransfusionError `invalid-argument` if there is none; the message names the sizes that there are
 */
export async function latentShapeOf(modality: ContinuousModality, size: ImageSize): Promise<Shape> {
  const { latentShapes } = modality;
  const sizes = await imageSizes(modality);
  const found = sizes.findIndex(({ width, height }) => width === size.width && height === size.height);
  if (found >= 0) return latentShapes[found];
  throw new TransfusionError(
    'invalid-argument',
    `The model draws no images of ${formatSize(size)} pixels, only of ${sizes.map(formatSize).join(', ')}.`,
  );
}

/** One for each latent shape. How many pixels a position becomes only the codec knows. */
async function imageSizes({ codec, latentShapes }: ContinuousModality): Promise<ImageSize[]> {
  const blank = latentShapes.map((shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }));
  return (await codec.decode(blank)).filter(isRgbImage);
}

function formatSize({ width, height }: ImageSize): string {
  return `${width}x${height}`;
}
