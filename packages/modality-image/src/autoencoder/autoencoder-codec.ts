/** A codec that encodes images with a trained autoencoder. */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import {
  formatShape,
  type AssetReader,
  type Assets,
  type CodecFunctions,
  type LatentCodec,
  type PartFactory,
  type PluginConfig,
  type Shape,
} from '@transfusion/modality';
import { disposeParams } from '@transfusion/nn';
import { isShapes } from '../is-shapes.js';
import { pixelCodec } from '../pixel-codec.js';
import { previewLatents } from '../preview/latent-preview.js';
import type { RgbImage } from '../rgb-image.js';
import { decodeAutoencoder, encodeAutoencoder, type TrainedAutoencoder } from './autoencoder-files.js';
import { fingerprint } from './fingerprint.js';
import { latentNetwork } from './latent-network.js';

/**
 * Options of {@link autoencoderCodec}: a trained autoencoder. The codec takes ownership of `params` (its `dispose` frees
 * them); `statistics` normalize latents to mean 0 and standard deviation 1.
 */
export interface AutoencoderCodecOptions extends TrainedAutoencoder {
  /** Latent shapes [h, w, C]; an image is scaled and cropped to the one with the nearest aspect ratio. */
  readonly latentShapes: readonly Shape[];
}

/** A codec that owns its weights, which are stored in checkpoints. */
export interface AutoencoderCodec extends LatentCodec<RgbImage> {
  readonly config: PluginConfig;
  assets(): Promise<Assets>;
  dispose(): void;
}

/** The `type` of the codec's config and its factory. */
const TYPE = 'autoencoder';

/**
 * Creates the codec of an autoencoder: latents are the normalized means of its Gaussians. `imageFactory()` rebuilds the
 * codec from its `config` and `assets`, which include the preview; the `id` does not depend on it.
 *
 * @throws TransfusionError `mismatch` if latent shapes, statistics or preview do not have the autoencoder's number of channels
 */
export async function autoencoderCodec(options: AutoencoderCodecOptions): Promise<AutoencoderCodec> {
  checkChannels(options);
  const { autoencoder, params, latentShapes, statistics, preview } = options;
  const { factor } = autoencoder;
  const functions: CodecFunctions = {
    valueShape: ([h, w]) => [h * factor, w * factor, 3],
    encode: (images) => {
      const { mean } = autoencoder.encode(params, images as tf.Tensor4D);
      return mean.sub(tf.tensor1d([...statistics.mean])).div(tf.tensor1d([...statistics.stddev]));
    },
    decode: (latents) => {
      const raw = latents.mul(tf.tensor1d([...statistics.stddev])).add(tf.tensor1d([...statistics.mean]));
      return autoencoder.decode(params, raw as tf.Tensor4D);
    },
  };
  const pixels = pixelCodec(latentShapes.map((shape) => functions.valueShape(shape)));
  const encode = latentNetwork('encode', functions.encode);
  const decode = latentNetwork('decode', functions.decode);
  return {
    id: `autoencoder ${await fingerprint([autoencoder.config, statistics, latentShapes], params)}`,
    config: { type: TYPE, latentShapes },
    assets: () => encodeAutoencoder(options),
    encode: async (images) => encode.map(await pixels.encode(images)),
    decode: async (latents) => pixels.decode(decode.map(latents)),
    functions,
    ...(preview && { preview: (latents) => previewLatents(preview, latents) }),
    dispose: () => {
      encode.dispose();
      decode.dispose();
      disposeParams(params);
    },
  };
}

/**
 * Returns the factory that rebuilds codecs of {@link autoencoderCodec}, on the active engine and with the same `id`. Its
 * `create` rejects with TransfusionError `invalid-file` or `mismatch` for an invalid config or files.
 */
export function autoencoderCodecFactory(): PartFactory<AutoencoderCodec> {
  return { type: TYPE, create: createCodec };
}

async function createCodec({ latentShapes }: PluginConfig, assets: AssetReader): Promise<AutoencoderCodec> {
  if (!isShapes(latentShapes)) {
    throw new TransfusionError(
      'invalid-file',
      `autoencoder codec: config.latentShapes is ${JSON.stringify(latentShapes)}, expected at least one [h, w, C]. ` +
        'Use a checkpoint of an autoencoder codec.',
    );
  }
  const trained = await decodeAutoencoder(assets);
  try {
    return await autoencoderCodec({ ...trained, latentShapes });
  } catch (error) {
    disposeParams(trained.params);
    throw error;
  }
}

function checkChannels({ autoencoder, latentShapes, statistics, preview }: AutoencoderCodecOptions): void {
  const { latentChannels } = autoencoder.config;
  const channels = {
    ...Object.fromEntries(latentShapes.map((shape) => [`the latent shape ${formatShape(shape)}`, shape[2]])),
    'statistics.mean': statistics.mean.length,
    'statistics.stddev': statistics.stddev.length,
    ...(preview && { 'preview.weights': preview.weights.length }),
  };
  for (const [name, found] of Object.entries(channels)) {
    if (found === latentChannels) continue;
    throw new TransfusionError(
      'mismatch',
      `autoencoderCodec: ${name} has ${found} channels, expected ${latentChannels} (the autoencoder's latentChannels).`,
    );
  }
}
