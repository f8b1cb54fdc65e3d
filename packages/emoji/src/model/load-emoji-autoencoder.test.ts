import { selectEngine } from '@transfusion/engine';
import { peakSignalToNoise } from '@transfusion/evaluators';
import type { AutoencoderCodec } from '@transfusion/modality-image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadEmojiAutoencoder } from './load-emoji-autoencoder.js';
import { validation } from '../testing-internals/validation-images.js';

let codec: AutoencoderCodec;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  codec = await loadEmojiAutoencoder();
}, 60_000);
afterAll(() => codec.dispose());

test('reconstructs validation images, and its latents are normalized', { timeout: 120_000 }, async () => {
  const images = (await validation(64)).map(({ image }) => image);
  const latents = await codec.encode(images);
  expect(latents[0].shape).toEqual([8, 8, 8]);
  const numbers = latents.flatMap(({ data }) => [...data]);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(variance - 1)).toBeLessThan(0.15);
  const decoded = await codec.decode(latents);
  const scores = decoded.map((image, i) => peakSignalToNoise(images[i], image));
  expect(scores.reduce((sum, score) => sum + score, 0) / scores.length).toBeGreaterThan(26.5);
});
