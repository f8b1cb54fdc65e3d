import type { EmojiImage } from '../data/emoji-documents.js';
import { selectEngine } from '@transfusion/engine';
import type { PixelMask, RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { editImage, imageToText, inpaintImage, textToImage } from '@transfusion/pipelines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emojiStyles, loadEmoji } from './load-emoji.js';
import { loadEmojiAutoencoder } from './load-emoji-autoencoder.js';
import { validation } from '../testing-internals/validation-images.js';

let emoji: Awaited<ReturnType<typeof loadEmoji>>;
beforeAll(async () => {
  await selectEngine('onnxruntime');
  emoji = await loadEmoji();
}, 60_000);
afterAll(() => emoji.dispose());

/** Mean color of the middle, of each channel from 0 to 255. */
function middleColor({ width, data }: RgbImage): number[] {
  const places = [28, 32, 36].flatMap((y) => [28, 32, 36].map((x) => (y * width + x) * 3));
  return [0, 1, 2].map((channel) =>
    places.reduce((sum, place) => sum + data[place + channel] / places.length, 0),
  );
}

test('includes the shipped autoencoder, with its previews', async () => {
  const codec = await loadEmojiAutoencoder();
  codec.dispose();
  const { config, modalities } = emoji.model;
  expect(config.modalities.find(({ name }) => name === 'image')).toMatchObject({
    identity: { codec: codec.id },
  });
  const image = modalities.continuous.find(({ name }) => name === 'image')!;
  const latent = { shape: [8, 8, 8], data: createRng(1).normals(512) };
  expect(image.codec.preview!([latent])).toEqual(codec.preview!([latent]));
});

test('generates the colors in a caption', { timeout: 120_000 }, async () => {
  const captions = ['red heart, noto', 'blue circle, twemoji', 'green circle, fluent'];
  const drawn = await textToImage(emoji, captions, { numInferenceSteps: 20, seed: 1 });
  expect(drawn.map(({ width, height }) => [width, height])).toEqual([
    [64, 64],
    [64, 64],
    [64, 64],
  ]);
  const [heart, blue, green] = drawn.map(middleColor);
  expect(heart[0]).toBeGreaterThan(heart[1] + 80);
  expect(blue[2]).toBeGreaterThan(blue[0] + 60);
  expect(green[1]).toBeGreaterThan(green[0] + 40);
});

test(
  'names the style of images that it has never seen, and some subjects',
  { timeout: 120_000 },
  async () => {
    const images = await validation(96, emojiStyles);
    const said = await imageToText(
      emoji,
      images.map(({ image }) => image),
      { maxTokens: 32 },
    );
    const share = (isRight: (text: string, image: EmojiImage) => boolean): number =>
      said.filter((text, i) => isRight(text, images[i])).length / said.length;
    const subjectOf = (text: string): string => text.slice(0, text.lastIndexOf(', '));
    expect(share((text, { style }) => text.endsWith(`, ${style.name}`))).toBeGreaterThan(0.65);
    expect(share((text, { concept }) => subjectOf(text) === concept.name)).toBeGreaterThan(0.3);
  },
);

test('edits, and inpaints without changing known pixels', { timeout: 120_000 }, async () => {
  const [{ image: image }] = await validation(1, emojiStyles);
  const options = { numInferenceSteps: 10 };
  const [gray] = await editImage(emoji, [{ image, instruction: 'make it grey' }], options);
  const colorfulness = ({ data }: RgbImage): number =>
    data.reduce((sum, value, i) => sum + Math.abs(value - data[i - (i % 3)]), 0) / data.length;
  expect(colorfulness(gray)).toBeLessThan(colorfulness(image) / 2);
  const mask: PixelMask = { width: 64, height: 64, data: new Uint8Array(64 * 64).fill(255, 0, 64 * 32) };
  const [inpainted] = await inpaintImage(emoji, [{ image, mask }], { ...options, numResamples: 1 });
  expect(inpainted.data.subarray(64 * 32 * 3)).toEqual(image.data.subarray(64 * 32 * 3));
});
