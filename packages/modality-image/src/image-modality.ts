import { ddpm, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, LatentCodec, Shape } from '@transfusion/modality';
import type { AdapterFactory, AdapterShape } from './adapter.js';
import { linear } from './linear-adapter.js';
import { pixelCodec } from './pixel-codec.js';
import { isRgbImage, type RgbImage } from './rgb-image.js';

/** The parts of an {@link image} modality. */
export interface ImageOptions<Name extends string = 'image'> {
  /** `image` by default. */
  readonly name?: Name;
  /** Latent shapes [h, w, C], see {@link aspectBuckets}; 32 × 32 pixels by default. */
  readonly latentShapes?: readonly Shape[];
  /** Between images and latents; pixels as they are by default. */
  readonly codec?: LatentCodec<RgbImage>;
  /** k: a patch of k × k latent positions is one element of the sequence; 4 by default. */
  readonly patchSize?: 1 | 2 | 4 | 8;
  /** See {@link AdapterShape}. */
  readonly positionEmbedding?: AdapterShape['positionEmbedding'];
  /** `linear()` by default, or `unet({ … })`; it must make `(h / k) · (w / k)` elements. */
  readonly adapter?: AdapterFactory;
  /** The paper's by default: `ddpm()`, cosine schedule, ε-prediction. */
  readonly diffusion?: NoiseScheduler;
  /** λ; 5 by default, as in the paper. */
  readonly lossWeight?: number;
}

/**
 * Images as a continuous modality.
 *
 * @throws TransfusionError `invalid-argument` if there is no latent shape, if patches do not divide one,
 *   or if they differ in their channels
 */
export function image<const Name extends string = 'image'>(
  options: ImageOptions<Name> = {},
): ContinuousModality<Name, RgbImage> {
  const { patchSize: k = 4, latentShapes = [[32, 32, 3]], positionEmbedding, adapter = linear() } = options;
  checkLatentShapes(latentShapes, k);
  const latentChannels = latentShapes[0][2];
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name: (options.name ?? 'image') as Name,
    accepts: isRgbImage,
    codec: options.codec ?? pixelCodec(latentShapes),
    diffusion: options.diffusion ?? ddpm(),
    lossWeight: options.lossWeight ?? 5,
    latentShapes,
    spanLength: ([h, w]) => (h / k) * (w / k),
    createAdapter: (modelDim) => adapter(modelDim, { patchSize: k, latentChannels, positionEmbedding }),
  };
}

function checkLatentShapes(latentShapes: readonly Shape[], k: number): void {
  if (latentShapes.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'image: latentShapes is empty, expected one shape or more.',
    );
  }
  const channels = latentShapes[0][2] ?? 'C';
  for (const shape of latentShapes) {
    const [h, w, C] = shape;
    const wholes = shape.every((length) => Number.isInteger(length) && length > 0);
    if (shape.length !== 3 || !wholes || h % k !== 0 || w % k !== 0 || C !== channels) {
      throw new TransfusionError(
        'invalid-argument',
        `image: the latent shape is [${shape.join(', ')}], expected [h, w, ${channels}] ` +
          `with h and w multiples of the patch size ${k}.`,
      );
    }
  }
}
