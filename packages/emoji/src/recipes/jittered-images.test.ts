import type { DocumentSource } from '@transfusion/data';
import type { RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { expect, test } from 'vitest';
import { jitteredImages } from './jittered-images.js';

/** A dark square on white, larger in the second record. */
const square = (side: number): RgbImage => {
  const data = new Uint8Array(16 * 16 * 3).fill(255);
  for (let y = 4; y < 4 + side; y++) data.fill(20, (y * 16 + 4) * 3, (y * 16 + 4 + side) * 3);
  return { width: 16, height: 16, data };
};
const source: DocumentSource = {
  name: 'squares',
  length: 2,
  locate: (index) => `square ${index}`,
  read: async (index) => ({
    segments: [
      { modality: 'text', value: `number ${index}` },
      { modality: 'image', value: square(6 + index) },
    ],
  }),
};
const jittered = jitteredImages(source, 3);

const read = async (index: number, seed: number) => {
  const { segments } = await jittered.read(index, createRng(seed));
  return { text: segments[0].value, pixels: [...(segments[1].value as RgbImage).data] };
};

test('returns each record in different versions, the same on every read', async () => {
  expect(jittered.length).toBe(6);
  const versions = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => read(index, 1)));
  expect(versions.map(({ text }) => text)).toEqual([0, 1, 0, 1, 0, 1].map((number) => `number ${number}`));
  expect(jittered.locate(3)).toBe('square 1');
  const seen = [square(6), square(7)].map(({ data }) => [...data]);
  expect(new Set([...seen, ...versions.map(({ pixels }) => pixels)].map(String)).size).toBe(8);
  const again = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => read(index, 2)));
  expect(again).toEqual(versions);
});
