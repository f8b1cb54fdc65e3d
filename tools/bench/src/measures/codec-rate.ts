/** Images per second that an autoencoder's codec encodes, decodes and caches. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheLatents } from '@transfusion/data';
import { emojiAutoencoder, emojiDocuments, loadEmojiSet } from '@transfusion/emoji';
import {
  autoencoderCodec,
  createAutoencoder,
  decodeImage,
  image,
  type RgbImage,
} from '@transfusion/modality-image';
import { createRng, disposeParams } from '@transfusion/nn';
import type { MeasureGroup } from '../measure.js';
import { sampled } from './rate-groups.js';

const LATENT_SHAPE = [8, 8, 8] as const;
const BATCH = 16;

/** @param count images of each sample */
export async function measureCodec(count: number, samples: number): Promise<MeasureGroup> {
  const resolveFrom = fileURLToPath(new URL('../..', import.meta.url));
  const autoencoder = createAutoencoder(emojiAutoencoder({ resolveFrom }).autoencoder);
  const params = autoencoder.init(createRng(1));
  const statistics = { mean: new Array<number>(8).fill(0), stddev: new Array<number>(8).fill(1) };
  const codec = await autoencoderCodec({ autoencoder, params, statistics, latentShapes: [LATENT_SHAPE] });
  const set = loadEmojiSet({ size: 64, resolveFrom });
  const source = emojiDocuments({ ...set, decode: (bytes) => decodeImage(bytes), split: 'all' });
  const images: RgbImage[] = [];
  for (let i = 0; i < count; i++) {
    images.push((await source.read(i, createRng(i))).segments[1].value as RgbImage);
  }
  const latents = await codec.encode(images);
  await codec.decode(latents.slice(0, BATCH));
  const rates = { encode: [] as number[], decode: [] as number[], cache: [] as number[] };
  for (let i = 0; i < samples; i++) {
    rates.encode.push(await perSecond(count, () => codec.encode(images)));
    rates.decode.push(await perSecond(count, () => codec.decode(latents)));
    const directory = await mkdtemp(join(tmpdir(), 'bench-latents-'));
    const modality = image({ codec, latentShapes: [LATENT_SHAPE], patchSize: 2 });
    rates.cache.push(
      await perSecond(count, () => cacheLatents({ ...source, length: count }, { modality, directory })),
    );
    await rm(directory, { recursive: true });
  }
  disposeParams(params);
  const group = (name: keyof typeof rates, label: string) => ({
    ...sampled(`codec.${name}`, label, rates[name], 'images/s'),
    note: `64 × 64 pixels; ${samples} samples of ${count}`,
  });
  return {
    title: 'Autoencoder as a codec',
    measures: [group('encode', 'encoding'), group('decode', 'decoding'), group('cache', 'caching latents')],
  };
}

async function perSecond(count: number, run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return (count / (performance.now() - begun)) * 1000;
}
