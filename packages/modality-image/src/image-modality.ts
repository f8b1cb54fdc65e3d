import { ddpm, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, LatentCodec, Media, PluginConfig, Shape } from '@transfusion/modality';
import type { AdapterFactory, AdapterShape } from './adapter.js';
import { imageMedia } from './image-media.js';
import { linear } from './linear-adapter.js';
import { pixelCodec } from './pixel-codec.js';
import { isRgbImage, type RgbImage } from './rgb-image.js';

/** Options of {@link image}. */
export interface ImageOptions<Name extends string = 'image'> {
  /** Defaults to `image`. */
  readonly name?: Name;
  /** Latent shapes [h, w, C], see {@link aspectBuckets}; defaults to 32 × 32 pixels. */
  readonly latentShapes?: readonly Shape[];
  /** Codec between images and latents; defaults to {@link pixelCodec}. */
  readonly codec?: LatentCodec<RgbImage>;
  /** k: a patch of k × k latent positions is one position of the sequence; defaults to 4. */
  readonly patchSize?: 1 | 2 | 4 | 8;
  /** As in {@link AdapterShape}; defaults to `none`. */
  readonly positionEmbedding?: AdapterShape['positionEmbedding'];
  /** Adapter with `(h / k) · (w / k)` positions; defaults to `linear()`. */
  readonly adapter?: AdapterFactory;
  /** Noise scheduler; defaults to the paper's: `ddpm()` with cosine schedule and ε-prediction. */
  readonly diffusion?: NoiseScheduler;
  /** λ: weight of the diffusion loss; defaults to 5, as in the paper. */
  readonly lossWeight?: number;
  /** Reads and writes image files; defaults to {@link imageMedia}. */
  readonly media?: Media<RgbImage>;
}

/**
 * Creates a continuous image modality. If codec, adapter and noise scheduler each have a `config`, so has the modality, and
 * `imageFactory()` rebuilds it. The codec's weights are its `assets`; `dispose` frees them.
 *
 * @throws TransfusionError `invalid-argument` without latent shapes, or if their sides are not multiples of the patch
 *   size, or their channels differ
 */
export function image<const Name extends string = 'image'>(
  options: ImageOptions<Name> = {},
): ContinuousModality<Name, RgbImage> {
  const {
    patchSize: k = 4,
    latentShapes = [[32, 32, 3]],
    positionEmbedding = 'none',
    lossWeight = 5,
  } = options;
  checkLatentShapes(latentShapes, k);
  const { codec = pixelCodec(latentShapes), adapter = linear(), diffusion = ddpm() } = options;
  const latentChannels = latentShapes[0][2];
  const parts = { codec: codec.config, adapter: adapter.config, diffusion: diffusion.config };
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name: (options.name ?? 'image') as Name,
    accepts: isRgbImage,
    codec,
    diffusion,
    lossWeight,
    latentShapes,
    spanLength: ([h, w]) => (h / k) * (w / k),
    createAdapter: (modelDim) => adapter(modelDim, { patchSize: k, latentChannels, positionEmbedding }),
    media: options.media ?? imageMedia(),
    ...(isComplete(parts)
      ? { config: { type: 'image', latentShapes, patchSize: k, positionEmbedding, lossWeight, ...parts } }
      : {}),
    assets: codec.assets?.bind(codec),
    dispose: codec.dispose?.bind(codec),
  };
}

function isComplete<Name extends string>(
  parts: Readonly<Record<Name, PluginConfig | undefined>>,
): parts is Readonly<Record<Name, PluginConfig>> {
  return Object.values(parts).every((config) => config !== undefined);
}

function checkLatentShapes(latentShapes: readonly Shape[], k: number): void {
  if (latentShapes.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'image: latentShapes is empty, expected at least one shape.',
    );
  }
  const channels = latentShapes[0][2] ?? 'C';
  for (const shape of latentShapes) {
    const [h, w, C] = shape;
    const areCounts = shape.every((length) => Number.isInteger(length) && length > 0);
    if (shape.length !== 3 || !areCounts || h % k !== 0 || w % k !== 0 || C !== channels) {
      throw new TransfusionError(
        'invalid-argument',
        `image: the latent shape is [${shape.join(', ')}], expected [h, w, ${channels}] ` +
          `with h and w multiples of the patch size ${k}.`,
      );
    }
  }
}
