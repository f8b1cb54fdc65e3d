import { selectEngine } from '@transfusion/engine';
import { expect, test } from 'vitest';
import { trainAvatarDetector } from './avatar-detector.js';
import { randomAvatars } from './avatar-set.js';

const COUNT = 40;

test('finds hats and the colors of shirts on faces that it has not seen', { timeout: 120_000 }, async () => {
  await selectEngine('onnxruntime');
  const detector = await trainAvatarDetector(await randomAvatars('train', 200), 40);
  const faces = await randomAvatars('unseen', COUNT);
  let [numShirts, numHats] = [0, 0];
  for (const { image, attributes } of faces) {
    const found = await detector.detect(image);
    const objectOf = (name: string) => found.find((object) => object.class === name);
    expect(objectOf('shirt')).toMatchObject({ box: [0, 0, 16, 16], score: 1 });
    if (objectOf('shirt')!.color === attributes.shirt) numShirts++;
    if ((objectOf('hat') !== undefined) === (attributes.hat !== undefined)) numHats++;
  }
  detector.dispose();
  // Chance is a quarter and a half.
  expect(numShirts / COUNT).toBeGreaterThan(0.6);
  expect(numHats / COUNT).toBeGreaterThan(0.8);
});
