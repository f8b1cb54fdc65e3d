/**
 * A codec that encodes images with a pretrained VAE in ONNX. Reads these files of a Stable Diffusion model exported with
 * Hugging Face Optimum (`optimum-cli export onnx`):
 *
 *     vae_encoder/model.onnx    sample [N, 3, H, W] from -1 to 1 -> latent_parameters [N, 2C, h, w], mean and
 *                               log variance; older exports: latent_sample [N, C, h, w]
 *     vae_decoder/model.onnx    latent_sample [N, C, h, w] -> sample [N, 3, H, W]
 *     vae_decoder/config.json   scaling_factor, latent_channels, shift_factor (or vae_encoder's)
 *
 * and, if `writeLatentPreview` has written it, latent-preview.json.
 */
import { TransfusionError } from '@transfusion/errors';
import { formatShape, type Latent, type LatentCodec, type Shape } from '@transfusion/modality';
import type { ExecutionProvider } from '@transfusion/tfjs-backend-onnxruntime';
import { batchesOfOneShape } from '../batches-of-one-shape.js';
import { pixelCodec } from '../pixel-codec.js';
import { readLatentPreview } from '../preview/latent-preview-file.js';
import { previewLatents } from '../preview/latent-preview.js';
import type { RgbImage } from '../rgb-image.js';
import { channelsFirst, channelsLast, type ConvertValue } from './channel-order.js';
import { hashOnnxFiles } from './hash-onnx-files.js';
import { readVaeConfig, type VaeConfig } from './vae-config.js';
import { openVaeNetworks, type VaeNetwork } from './vae-networks.js';

/** Options of {@link onnxAutoencoderCodec}. */
export interface OnnxAutoencoderCodecOptions {
  /** Latent shapes [h, w, C]; an image is scaled and cropped to the one with the nearest aspect ratio. */
  readonly latentShapes: readonly Shape[];
  /** Number of images per batch; defaults to 4. Ignored for files with a fixed batch size. */
  readonly batchSize?: number;
  /** Execution providers of ONNX Runtime; defaults to `['cpu']`. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/**
 * Opens the codec of a pretrained VAE: a folder with `vae_encoder/model.onnx`, `vae_decoder/model.onnx` and a
 * `config.json` beside one of them, as exported by Hugging Face Optimum. Latents are the means of the encoder's Gaussians,
 * scaled according to the config; the codec's `id` is a hash of files and config. Both networks are run once on a small
 * latent, to detect files that do not fit.
 *
 * The codec has no `config`: a pretrained VAE has hundreds of megabytes, too much to copy into each checkpoint. A
 * checkpoint of a model with it can only be opened with its recipe or its modalities.
 *
 * @throws TransfusionError `invalid-file` for a file that is missing, damaged, has other inputs or outputs or returns
 *   NaN, or a config without a required field; `mismatch` if channels or sizes do not fit together; `invalid-argument`
 *   without latent shapes, or for an invalid batch size
 */
export async function onnxAutoencoderCodec(
  folder: string,
  { latentShapes, batchSize = 4, executionProviders = ['cpu'] }: OnnxAutoencoderCodecOptions,
): Promise<LatentCodec<RgbImage>> {
  const config = await readVaeConfig(folder);
  checkOptions(latentShapes, batchSize, config);
  const preview = await readLatentPreview(folder, config.latentChannels);
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
    ...(preview && { preview: (latents: readonly Latent[]) => previewLatents(preview, latents) }),
    dispose: () => {
      encoder.dispose();
      decoder.dispose();
    },
  };
}

/** Conversion of a network's inputs and outputs. */
interface Conversion {
  /** Number of channels to keep of the output, from the first one. */
  readonly channels: number;
  readonly before?: ConvertValue;
  readonly after?: ConvertValue;
}

const identity: ConvertValue = (value) => value;

/** Wraps a network as a function of latents (or pixels) of any shapes, in batches. */
function inBatches(
  network: VaeNetwork,
  batchSize: number,
  { channels, before = identity, after = identity }: Conversion,
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
  const invalid = (message: string): TransfusionError =>
    new TransfusionError('invalid-argument', `onnxAutoencoderCodec: ${message}.`);
  if (latentShapes.length === 0) throw invalid('latentShapes is empty, expected at least one [h, w, C]');
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw invalid(`batchSize is ${batchSize}, expected a positive integer`);
  }
  for (const shape of latentShapes) {
    if (shape.length !== 3 || !shape.every((length) => Number.isInteger(length) && length > 0)) {
      throw invalid(`the latent shape is [${shape.join(', ')}], expected [h, w, C]`);
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
