import { expect, test } from 'vitest';
import { loadEmoji } from './emoji-dataset.js';

test('holds out the same emoji in all styles', async () => {
  const { train, validation, styles, groups } = await loadEmoji({ size: 8, maxConcepts: 100 });
  expect(train.characters.length + validation.characters.length).toBe(100 * styles.length);
  expect(validation.characters.length).toBeGreaterThan(0);
  const learned = new Set(train.characters);
  expect(validation.characters.filter((character) => learned.has(character))).toEqual([]);

  for (const part of [train, validation]) {
    const { length } = part.characters;
    expect(part.pixels).toHaveLength(length * 8 * 8 * 3);
    expect([...part.styles]).toEqual(Array.from({ length }, (_, index) => index % styles.length));
    expect(Math.max(...part.groups)).toBeLessThan(groups.length);
  }
});

test('renders each style of an emoji differently, on white', async () => {
  const { train, styles } = await loadEmoji({ size: 16, maxConcepts: 4 });
  const image = (index: number): Uint8Array => train.pixels.subarray(index * 768, (index + 1) * 768);
  for (let one = 0; one < styles.length; one++) {
    expect([...image(one).subarray(0, 3)]).toEqual([255, 255, 255]);
    expect(image(one)).not.toEqual(image((one + 1) % styles.length));
  }
});
