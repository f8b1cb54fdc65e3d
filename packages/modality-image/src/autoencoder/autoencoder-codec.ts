/** A trained autoencoder between images and latents. */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { formatShape, sizeOf, type Latent, type LatentCodec, type Shape } from '@transfusion/modality';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { batchesOfOneShape } from '../batches-of-one-shape.js';
import { pixelCodec } from '../pixel-codec.js';
import type { RgbImage } from '../rgb-image.js';
import type { Autoencoder, AutoencoderParams } from './autoencoder.js';
import { fingerprint } from './fingerprint.js';

/** Mean and standard deviation of latents by channel. */
export interface LatentStatistics {
  readonly mean: readonly number[];
  readonly stddev: readonly number[];
}

/** What {@link autoencoderCodec} is made of. */
export interface AutoencoderCodecOptions {
  readonly autoencoder: Autoencoder;
  /** Trained parameters; they must live as long as the codec. */
  readonly params: AutoencoderParams;
  /** Latent shapes [h, w, C]; an image is brought to the one of the nearest aspect ratio. */
  readonly latentShapes: readonly Shape[];
  /** Of the encoder's latents over its training data: the codec's have mean 0 and deviation 1. */
  readonly statistics: LatentStatistics;
}

/** Images that go through the network together, at the most. */
const BATCH = 16;

/**
 * The codec of an autoencoder: latents are the means of its Gaussians, normalized.
 *
 * @throws TransfusionError `mismatch` if latent shapes or statistics have other channels than the autoencoder
 */
export async function autoencoderCodec(options: AutoencoderCodecOptions): Promise<LatentCodec<RgbImage>> {
  checkChannels(options);
  const { autoencoder, params, latentShapes, statistics } = options;
  const { factor } = autoencoder;
  const pixels = pixelCodec(latentShapes.map(([h, w]) => [h * factor, w * factor, 3]));
  const encode = jit((images: tf.Tensor4D) => {
    const { mean } = autoencoder.encode(params, images);
    return mean.sub(tf.tensor1d([...statistics.mean])).div(tf.tensor1d([...statistics.stddev]));
  });
  const decode = jit((latents: tf.Tensor4D) => {
    const raw = latents.mul(tf.tensor1d([...statistics.stddev])).add(tf.tensor1d([...statistics.mean]));
    return autoencoder.decode(params, raw as tf.Tensor4D);
  });
  return {
    id: `autoencoder ${await fingerprint([autoencoder.config, statistics, latentShapes], params)}`,
    encode: async (images) => mapLatents(await pixels.encode(images), encode),
    decode: async (latents) => pixels.decode(await mapLatents(latents, decode)),
  };
}

/** Puts latents of one shape after another through a network, in batches. */
async function mapLatents(
  latents: readonly Latent[],
  network: (batch: tf.Tensor4D) => tf.Tensor,
): Promise<Latent[]> {
  const results = new Array<Latent>(latents.length);
  for (const indices of batchesOfOneShape(latents, BATCH)) {
    const mapped = await mapBatch(
      indices.map((index) => latents[index]),
      network,
    );
    mapped.forEach((latent, i) => (results[indices[i]] = latent));
  }
  return results;
}

async function mapBatch(
  latents: readonly Latent[],
  network: (batch: tf.Tensor4D) => tf.Tensor,
): Promise<Latent[]> {
  const { shape } = latents[0];
  const size = sizeOf(shape);
  // Whole powers of two, so that few graphs are compiled.
  const data = new Float32Array(size * 2 ** Math.ceil(Math.log2(latents.length)));
  latents.forEach((latent, i) => data.set(latent.data, i * size));
  const input = tf.tensor<tf.Rank.R4>(data, [data.length / size, shape[0], shape[1], shape[2]]);
  const output = network(input);
  try {
    const numbers = (await output.data()) as Float32Array;
    const outputShape = output.shape.slice(1);
    const length = sizeOf(outputShape);
    return latents.map((_, i) => ({ shape: outputShape, data: numbers.slice(i * length, (i + 1) * length) }));
  } finally {
    tf.dispose([input, output]);
  }
}

function checkChannels({ autoencoder, latentShapes, statistics }: AutoencoderCodecOptions): void {
  const { latentChannels } = autoencoder.config;
  const channels = {
    ...Object.fromEntries(latentShapes.map((shape) => [`the latent shape ${formatShape(shape)}`, shape[2]])),
    'statistics.mean': statistics.mean.length,
    'statistics.stddev': statistics.stddev.length,
  };
  for (const [name, found] of Object.entries(channels)) {
    if (found === latentChannels) continue;
    throw new TransfusionError(
      'mismatch',
      `autoencoderCodec: ${name} has ${found} channels, expected ${latentChannels} (the autoencoder's latentChannels).`,
    );
  }
}
