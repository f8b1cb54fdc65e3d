import { TransfusionError } from '@transfusion/errors';
import type { Latent, LatentCodec, PartFactory, PluginConfig, Shape } from '@transfusion/modality';
import { resizeImage } from './image-files.js';
import { isShapes } from './is-shapes.js';
import type { RgbImage } from './rgb-image.js';

/**
 * Creates the identity codec: latents are pixels [height, width, 3] from -1 to 1, and a preview is the image. Images are scaled and cropped to the
 * latent shape with the nearest aspect ratio, which crops the least; among shapes with the same aspect ratio, to the one
 * with the nearest size.
 *
 * @throws TransfusionError `invalid-argument` without shapes, or for shapes other than [height, width, 3]
 */
export function pixelCodec(latentShapes: readonly Shape[]): LatentCodec<RgbImage> {
  if (latentShapes.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'pixelCodec: latentShapes is empty, expected at least one shape.',
    );
  }
  for (const shape of latentShapes) {
    if (shape.length !== 3 || shape[2] !== 3) {
      throw new TransfusionError(
        'invalid-argument',
        `pixelCodec: the latent shape is [${shape.join(', ')}], expected [height, width, 3].`,
      );
    }
  }
  const toLatent = async (image: RgbImage): Promise<Latent> => {
    const shape = nearestShape(latentShapes, image);
    const { data } = await resizeImage(image, shape[1], shape[0]);
    return { shape, data: Float32Array.from(data, (value) => value / 127.5 - 1) };
  };
  const toImages = (latents: readonly Latent[]): RgbImage[] => latents.map(pixelsToImage);
  return {
    config: { type: 'pixels', latentShapes },
    id: `pixels ${latentShapes.map((shape) => shape.join('x')).join(' ')}`,
    encode: (images) => Promise.all(images.map(toLatent)),
    decode: async (latents) => toImages(latents),
    preview: toImages,
    functions: {
      valueShape: (shape) => shape,
      encode: (pixels) => pixels.clone(),
      decode: (latents) => latents.clone(),
    },
  };
}

/** Converts pixels [height, width, 3] from -1 to 1 to an image; values outside are clipped. */
export function pixelsToImage({ shape: [height, width], data }: Latent): RgbImage {
  return {
    width,
    height,
    data: Uint8Array.from(data, (value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)))),
  };
}

/**
 * Returns the factory that rebuilds codecs of {@link pixelCodec}. Its `create` throws TransfusionError `invalid-file` for
 * invalid latent shapes.
 */
export function pixelCodecFactory(): PartFactory<LatentCodec<RgbImage>> {
  return { type: 'pixels', create: createCodec };
}

function createCodec({ latentShapes }: PluginConfig): LatentCodec<RgbImage> {
  if (isShapes(latentShapes)) return pixelCodec(latentShapes);
  throw new TransfusionError(
    'invalid-file',
    `pixel codec: config.latentShapes is ${JSON.stringify(latentShapes)}, expected at least one [h, w, 3]. ` +
      'Use a checkpoint of a pixel codec.',
  );
}

function nearestShape(shapes: readonly Shape[], { width, height }: RgbImage): Shape {
  // Cropping keeps a fraction of exp(-aspect) of the image.
  const aspect = ([h, w]: Shape): number => Math.abs(Math.log(w / h) - Math.log(width / height));
  const size = ([h, w]: Shape): number => Math.abs(Math.log(w * h) - Math.log(width * height));
  return shapes.reduce((best, shape) =>
    (aspect(shape) - aspect(best) || size(shape) - size(best)) < 0 ? shape : best,
  );
}
