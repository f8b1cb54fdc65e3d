import { createNoiseScheduler, noiseSchedulerTypes, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import {
  createPart,
  type Json,
  type LatentCodec,
  type ModalityFactory,
  type PartFactory,
  type PluginConfig,
} from '@transfusion/modality';
import type { AdapterFactory } from './adapter.js';
import { autoencoderCodecFactory } from './autoencoder/autoencoder-codec.js';
import { image, type ImageOptions } from './image-modality.js';
import { isShapes } from './is-shapes.js';
import { linear } from './linear-adapter.js';
import { pixelCodecFactory } from './pixel-codec.js';
import type { RgbImage } from './rgb-image.js';
import { unetFactory } from './unet-adapter.js';

/** Factories of custom parts, for {@link imageFactory}; they take precedence over the built-in ones. */
export interface ImageFactoryOptions {
  readonly codecs?: readonly PartFactory<LatentCodec<RgbImage>>[];
  readonly adapters?: readonly PartFactory<AdapterFactory>[];
  readonly schedulers?: readonly PartFactory<NoiseScheduler>[];
}

/**
 * Returns the factory that rebuilds `image()` modalities from checkpoints, with the codecs, adapters and noise schedulers
 * of this package and of `@transfusion/diffusion`, and with custom ones. Training-only settings of a rebuilt scheduler
 * (loss weighting, timestep distribution) have their defaults.
 */
export function imageFactory(options: ImageFactoryOptions = {}): ModalityFactory {
  const codecs = [...(options.codecs ?? []), pixelCodecFactory(), autoencoderCodecFactory()];
  const adapters = [...(options.adapters ?? []), { type: 'linear', create: linear }, unetFactory()];
  const schedulers = [
    ...(options.schedulers ?? []),
    ...noiseSchedulerTypes.map((type) => ({ type, create: createNoiseScheduler })),
  ];
  return {
    type: 'image',
    create: async (config, assets, name) => {
      const describePart = (part: string) => ({
        part: `The ${part} of '${name}'`,
        takesFactories: 'imageFactory',
      });
      const parts = {
        ...readOptions(config, name),
        name,
        adapter: await createPart(config['adapter'], adapters, assets, describePart('adapter')),
        diffusion: await createPart(config['diffusion'], schedulers, assets, describePart('noise scheduler')),
      };
      const codec = await createPart(config['codec'], codecs, assets, describePart('codec'));
      try {
        return image({ ...parts, codec });
      } catch (cause) {
        codec.dispose?.();
        throw cause;
      }
    },
  };
}

type PlainOptions = Pick<ImageOptions, 'latentShapes' | 'patchSize' | 'positionEmbedding' | 'lossWeight'>;

function readOptions(config: PluginConfig, name: string): PlainOptions {
  const { latentShapes, patchSize, positionEmbedding, lossWeight } = config;
  const options: Record<string, readonly [value: Json | undefined, isValid: boolean, expected: string]> = {
    latentShapes: [latentShapes, isShapes(latentShapes), 'at least one [h, w, C]'],
    patchSize: [patchSize, [1, 2, 4, 8].includes(patchSize as number), '1, 2, 4 or 8'],
    positionEmbedding: [
      positionEmbedding,
      ['none', 'axial'].includes(positionEmbedding as string),
      "'none' or 'axial'",
    ],
    lossWeight: [lossWeight, typeof lossWeight === 'number', 'a number'],
  };
  for (const [option, [value, isValid, expected]] of Object.entries(options)) {
    if (isValid) continue;
    throw new TransfusionError(
      'invalid-file',
      `The modality '${name}' has the ${option} ${JSON.stringify(value)}, expected ${expected}. ` +
        'Use the version of @transfusion/modality-image that wrote the checkpoint.',
    );
  }
  return { latentShapes, patchSize, positionEmbedding, lossWeight } as PlainOptions;
}
