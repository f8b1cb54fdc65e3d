import { expect, test } from 'vitest';
import { measureImages } from './image.js';

test('measures what it says, once', { timeout: 180_000 }, async () => {
  const plan = {
    numImages: 1,
    numRows: 1,
    sgemmSizes: [64],
    rounds: 1,
    maxRounds: 1,
    sampleMilliseconds: 1,
    codecImages: 4,
    codecSamples: 1,
  };
  const groups = await measureImages(plan, { progress: () => {} });
  const values = new Map(groups.flatMap(({ measures }) => measures).map(({ name, value }) => [name, value]));
  expect([...values.values()].every(Number.isFinite)).toBe(true);
  for (const name of ['autoencoder.rate', 'latents.rate', 'codec.encode', 'codec.decode', 'codec.cache']) {
    expect(values.get(name), name).toBeGreaterThan(0);
  }
});
