/**
 * A pretrained VAE in ONNX between images and latents. The folder is what Hugging Face Optimum exports of
 * a Stable Diffusion model (`optimum-cli export onnx`), of which these files are read:
 *
 *     vae_encoder/model.onnx    sample [N, 3, H, W] from -1 to 1 -> latent_parameters [N, 2C, h, w], mean and
 *                               log variance; older exports: latent_sample [N, C, h, w]
 *     vae_decoder/model.onnx    latent_sample [N, C, h, w] -> sample [N, 3, H, W]
 *     vae_decoder/config.json   scaling_factor, latent_channels, shift_factor (or vae_encoder's)
 */
import { TransfusionError } from '@transfusion/errors';
import { formatShape, type Latent, type LatentCodec, type Shape } from '@transfusion/modality';
import type { ExecutionProvider } from '@transfusion/tfjs-backend-onnxruntime';
import { batchesOfOneShape } from '../batches-of-one-shape.js';
import { pixelCodec } from '../pixel-codec.js';
import type { RgbImage } from '../rgb-image.js';
import { channelsFirst, channelsLast, type ConvertValue } from './channel-order.js';
import { hashOnnxFiles } from './hash-onnx-files.js';
import { readVaeConfig, type VaeConfig } from './vae-config.js';
import { openVaeNetworks, type VaeNetwork } from './vae-networks.js';

/** Options of {@link onnxAutoencoderCodec}. */
export interface OnnxAutoencoderCodecOptions {
  /** Latent shapes [h, w, C]; an image is scaled and cropped to the one of the nearest aspect ratio. */
  readonly latentShapes: readonly Shape[];
  /** Number of images that go through a network together; defaults to 4. A file with a fixed batch keeps its own. */
  readonly batchSize?: number;
  /** Execution providers of ONNX Runtime; defaults to `['cpu']`. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/**
 * Opens the codec of a pretrained VAE: a folder with `vae_encoder/model.onnx`, `vae_decoder/model.onnx` and a
 * `config.json` beside one of them, as Hugging Face Optimum exports them. Latents are the means of the
 * encoder's Gaussians, scaled as the configuration says; the codec's `id` is a hash of the files and of it.
 * Both networks are tried on a small latent at once, so that files which do not fit are found here.
 *
 * It has no `config`: the files of a pretrained VAE have hundreds of megabytes, too many to be copied into each
 * checkpoint. A checkpoint of a model with it is opened with its recipe, or with the modalities.
 *
 * @throws TransfusionError `invalid-file` for a file that is missing, damaged, has other inputs or outputs or
 *   gives NaN, or a configuration that lacks a field; `mismatch` if channels or sizes do not fit together;
 *   `invalid-argument` without latent shapes, or for a wrong batch size
 */
export async function onnxAutoencoderCodec(
  folder: string,
  { latentShapes, batchSize = 4, executionProviders = ['cpu'] }: OnnxAutoencoderCodecOptions,
): Promise<LatentCodec<RgbImage>> {
  const config = await readVaeConfig(folder);
  checkOptions(latentShapes, batchSize, config);
  const { encoder, decoder, factor } = await openVaeNetworks(folder, latentShapes, executionProviders);
  const { latentChannels, scale, offset } = config;
  const pixels = pixelCodec(latentShapes.map(([h, w]) => [h * factor[0], w * factor[1], 3]));
  const encode = inBatches(encoder, batchSize, {
    channels: latentChannels,
    after: (value, channel) => (value - offset[channel]) * scale[channel],
  });
  const decode = inBatches(decoder, batchSize, {
    channels: 3,
    before: (value, channel) => value / scale[channel] + offset[channel],
  });
  const text = JSON.stringify([config, latentShapes]);
  return {
    id: `onnx-autoencoder ${await hashOnnxFiles([encoder.path, decoder.path], text)}`,
    encode: async (images) => encode(await pixels.encode(images)),
    decode: async (latents) => pixels.decode(await decode(latents)),
    dispose: () => {
      encoder.dispose();
      decoder.dispose();
    },
  };
}

/** Conversion of a network's inputs and outputs. */
interface Conversion {
  /** Number of channels that are taken of the result, from the first. */
  readonly channels: number;
  readonly before?: ConvertValue;
  readonly after?: ConvertValue;
}

const unchanged: ConvertValue = (value) => value;

/** Makes a network a function of latents (or pixels) of any shapes, which it takes batch by batch. */
function inBatches(
  network: VaeNetwork,
  batchSize: number,
  { channels, before = unchanged, after = unchanged }: Conversion,
): (latents: readonly Latent[]) => Promise<readonly Latent[]> {
  const { fixedBatch } = network;
  return async (latents) => {
    const results = new Array<Latent>(latents.length);
    for (const indices of batchesOfOneShape(latents, fixedBatch ?? batchSize)) {
      const batch = indices.map((index) => latents[index]);
      const maps = await network.run(channelsFirst(batch, fixedBatch ?? batch.length, before));
      channelsLast(maps, batch.length, channels, after).forEach(
        (latent, i) => (results[indices[i]] = latent),
      );
    }
    return results;
  };
}

function checkOptions(
  latentShapes: readonly Shape[],
  batchSize: number,
  { latentChannels }: VaeConfig,
): void {
  const wrong = (message: string): TransfusionError =>
    new TransfusionError('invalid-argument', `onnxAutoencoderCodec: ${message}.`);
  if (latentShapes.length === 0) throw wrong('latentShapes is empty, expected one [h, w, C] or more');
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw wrong(`batchSize is ${batchSize}, expected a positive integer`);
  }
  for (const shape of latentShapes) {
    if (shape.length !== 3 || !shape.every((length) => Number.isInteger(length) && length > 0)) {
      throw wrong(`the latent shape is [${shape.join(', ')}], expected [h, w, C]`);
    }
    if (shape[2] !== latentChannels) {
      throw new TransfusionError(
        'mismatch',
        `onnxAutoencoderCodec: the latent shape ${formatShape(shape)} has ${shape[2]} channels, expected ` +
          `${latentChannels} (latent_channels in config.json).`,
      );
    }
  }
}
