import { expect, test } from 'vitest';
import { loadEmoji } from './emoji-dataset.js';

test('holds out emoji from all artists alike', async () => {
  const { train, validation, artists, groups } = await loadEmoji({ size: 8, maxConcepts: 100 });
  expect(train.characters.length + validation.characters.length).toBe(100 * artists.length);
  expect(validation.characters.length).toBeGreaterThan(0);
  const learned = new Set(train.characters);
  expect(validation.characters.filter((character) => learned.has(character))).toEqual([]);

  for (const part of [train, validation]) {
    const { length } = part.characters;
    expect(part.pixels).toHaveLength(length * 8 * 8 * 3);
    expect([...part.artists]).toEqual(Array.from({ length }, (_, index) => index % artists.length));
    expect(Math.max(...part.groups)).toBeLessThan(groups.length);
  }
});

test('draws the same emoji differently for each artist, on white', async () => {
  const { train, artists } = await loadEmoji({ size: 16, maxConcepts: 4 });
  const image = (index: number): Uint8Array => train.pixels.subarray(index * 768, (index + 1) * 768);
  for (let one = 0; one < artists.length; one++) {
    expect([...image(one).subarray(0, 3)]).toEqual([255, 255, 255]);
    expect(image(one)).not.toEqual(image((one + 1) % artists.length));
  }
});
