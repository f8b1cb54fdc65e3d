/** Converts between latents with channels last and the channels-first maps of ONNX exports from PyTorch. */
import { sizeOf, type Latent } from '@transfusion/modality';
import type { Maps } from './onnx-network.js';

/** Converts a value of a channel. */
export type ConvertValue = (value: number, channel: number) => number;

/** Converts latents [h, w, C] of one shape -> maps [batch, C, h, w]; unused slots are zeros. */
export function channelsFirst(latents: readonly Latent[], batch: number, convert: ConvertValue): Maps {
  const [height, width, channels] = latents[0].shape;
  const area = height * width;
  const maps = new Float32Array(batch * channels * area);
  latents.forEach(({ data }, index) => {
    const start = index * channels * area;
    data.forEach((value, i) => {
      const channel = i % channels;
      maps[start + channel * area + (i - channel) / channels] = convert(value, channel);
    });
  });
  return { shape: [batch, channels, height, width], data: maps };
}

/** Converts the first `count` maps -> latents [h, w, C] of the first `channels` channels. */
export function channelsLast(
  { shape: [, mapChannels, height, width], data }: Maps,
  count: number,
  channels: number,
  convert: ConvertValue,
): Latent[] {
  const area = height * width;
  const shape = [height, width, channels];
  return Array.from({ length: count }, (_, index) => {
    const start = index * mapChannels * area;
    const latent = new Float32Array(sizeOf(shape));
    for (let i = 0; i < latent.length; i++) {
      const channel = i % channels;
      latent[i] = convert(data[start + channel * area + (i - channel) / channels], channel);
    }
    return { shape, data: latent };
  });
}
