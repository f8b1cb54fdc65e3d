import { fileURLToPath } from 'node:url';
import { emojiDocuments, loadEmojiSet } from '@transfusion/data';
import { peakSignalToNoise } from '@transfusion/evaluators';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { selectEngine } from '@transfusion/tfjs-backend-onnxruntime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadEmojiAutoencoder, type EmojiAutoencoder } from './load-emoji-autoencoder.js';

let emoji: EmojiAutoencoder;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  emoji = await loadEmojiAutoencoder();
}, 60_000);
afterAll(() => emoji.dispose());

/** Pictures that it was not trained on. */
async function heldOut(count: number): Promise<RgbImage[]> {
  const set = loadEmojiSet({ size: 64, from: fileURLToPath(new URL('..', import.meta.url)) });
  const concepts = set.concepts.filter(({ group }) => group !== 'Flags');
  const source = emojiDocuments({
    ...set,
    concepts,
    split: 'held-out',
    decode: (bytes) => decodeImage(bytes),
  });
  const order = createRng(1).permutation(source.length).subarray(0, count);
  const documents = await Promise.all([...order].map((index) => source.read(index, createRng(0))));
  return documents.map(({ segments }) => segments[1].value as RgbImage);
}

test('gives held-out pictures back, and its latents are normalised', { timeout: 120_000 }, async () => {
  const pictures = await heldOut(64);
  const latents = await emoji.codec.encode(pictures);
  expect(latents[0].shape).toEqual([8, 8, 8]);
  const numbers = latents.flatMap(({ data }) => [...data]);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(variance - 1)).toBeLessThan(0.15);
  const decoded = await emoji.codec.decode(latents);
  const scores = decoded.map((picture, i) => peakSignalToNoise(pictures[i], picture));
  expect(scores.reduce((sum, score) => sum + score, 0) / scores.length).toBeGreaterThan(25.5);
});
