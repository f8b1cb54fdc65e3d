/** Exports a trivial VAE of factor 2: the encoder averages 2 × 2 pixels, the decoder repeats them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { exportOnnx, type ExportOnnxOptions } from '@transfusion/tfjs-backend-onnxruntime';

/** Sides of the latent, fixed in the files. */
export const [HEIGHT, WIDTH] = [4, 6];

export interface TinyVae {
  /** Channels of the latent; those after the third are half of the sum of the first three. */
  readonly channels?: number;
  readonly batch?: number;
  /** `mean` alone, or `mean and log variance`. */
  readonly encoderOutput?: 'latent_sample' | 'latent_parameters';
  readonly encoderWeight?: number;
  /** Keeps weights in `model.onnx.data`. */
  readonly externalData?: boolean;
  /** Content of `config.json` in both folders; `null` omits the file. */
  readonly encoderConfig?: object | null;
  readonly decoderConfig?: object | null;
}

export const STABLE = { scaling_factor: 0.5, latent_channels: 4 };

/** Writes one of the two files: a function of tensors like the example, after `params` if present. */
export function writeNetwork<Params>(
  folder: string,
  part: 'vae_encoder' | 'vae_decoder',
  network: (...args: never) => tf.Tensor,
  example: tf.Tensor | readonly tf.Tensor[],
  options: ExportOnnxOptions<Params>,
): void {
  mkdirSync(join(folder, part), { recursive: true });
  exportOnnx(network, [example], { path: join(folder, part, 'model.onnx'), ...options });
}

/** Writes the complete folder. */
export function writeTinyVae(folder: string, vae: TinyVae = {}): void {
  const { channels = 4, batch = 1, encoderOutput = 'latent_parameters' } = vae;
  const { encoderWeight = 1, externalData = false } = vae;
  writeNetwork(
    folder,
    'vae_encoder',
    tinyEncoder(encoderOutput),
    tf.zeros([batch, 3, 2 * HEIGHT, 2 * WIDTH]),
    {
      inputNames: ['sample'],
      outputNames: [encoderOutput],
      params: { mix: mixture(channels).mul(encoderWeight) },
      externalData,
    },
  );
  writeNetwork(folder, 'vae_decoder', tinyDecoder(channels), tf.zeros([batch, channels, HEIGHT, WIDTH]), {
    inputNames: ['latent_sample'],
    outputNames: ['sample'],
  });
  const configs = { vae_encoder: vae.encoderConfig, vae_decoder: vae.decoderConfig };
  for (const [part, config = STABLE] of Object.entries(configs)) {
    if (config !== null) writeFileSync(join(folder, part, 'config.json'), JSON.stringify(config));
  }
}

function tinyEncoder(output: string): (params: { mix: tf.Tensor }, x: tf.Tensor) => tf.Tensor {
  return ({ mix }, x) => {
    const pooled = tf.avgPool(x.transpose([0, 2, 3, 1]) as tf.Tensor4D, 2, 2, 'valid');
    const [N, h, w] = pooled.shape;
    const mean = pooled.reshape([-1, 3]).matMul(mix).reshape([N, h, w, -1]);
    const maps = output === 'latent_sample' ? mean : tf.concat([mean, mean.mul(0).sub(9)], 3);
    return maps.transpose([0, 3, 1, 2]);
  };
}

/** [3, channels]: the colors as they are, then half of their sum. */
function mixture(channels: number): tf.Tensor2D {
  const row = (color: number): number[] =>
    Array.from({ length: channels }, (_, channel) => (channel < 3 ? Number(channel === color) : 0.5));
  return tf.tensor2d([row(0), row(1), row(2)]);
}

function tinyDecoder(channels: number): (x: tf.Tensor) => tf.Tensor {
  return (x) => {
    const [N, , h, w] = x.shape;
    const colors = x.slice([0, 0, 0, 0], [-1, Math.min(3, channels), -1, -1]);
    const wide = tf.stack([colors, colors], 4).reshape([N, -1, h, 2 * w]);
    return tf.stack([wide, wide], 3).reshape([N, -1, 2 * h, 2 * w]);
  };
}
