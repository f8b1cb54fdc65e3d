import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { loadEmojiSet } from '@transfusion/emoji';
import { onnxFeatureExtractor, type ImageFeatureExtractor } from '@transfusion/evaluators';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { exportInception } from './export-inception.js';
import { INCEPTION_FEATURES, loadInceptionFeatures } from './inception-features.js';
import { INCEPTION_CLASSES, INCEPTION_SIDE, loadInception } from './load-inception.js';

const MINUTE = 60_000;
let featuresOf: ImageFeatureExtractor;
/** Two images of a cat's face, in two styles, and one of a rocket. */
let images: readonly RgbImage[];

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  const from = fileURLToPath(new URL('../..', import.meta.url));
  const [noto, fluent] = loadEmojiSet({ size: INCEPTION_SIDE, resolveFrom: from }).styles;
  const files = [noto.file('🐱'), fluent.file('🐱'), noto.file('🚀')];
  images = await Promise.all(files.map((file) => decodeImage(file!)));
  featuresOf = await loadInceptionFeatures();
}, 2 * MINUTE);

it(
  'is the network that it is named after: its own classifier finds emoji harmless, and one of them a drawing',
  async () => {
    const network = await loadInception();
    const pixels = tf.tidy(() => tf.stack(images.map(({ data }) => tf.tensor1d(data).div(255))));
    const shares = network.predict(pixels.reshape([-1, INCEPTION_SIDE, INCEPTION_SIDE, 3])) as tf.Tensor2D;
    const of = (name: (typeof INCEPTION_CLASSES)[number]): number => INCEPTION_CLASSES.indexOf(name);
    for (const image of shares.arraySync()) {
      expect(image[of('drawing')] + image[of('neutral')]).toBeGreaterThan(0.98);
    }
    expect(shares.arraySync()[2][of('drawing')]).toBeGreaterThan(0.3);
  },
  2 * MINUTE,
);

it(
  'gives each image the same features, alone and in a batch of any size',
  async () => {
    const together = await featuresOf(images);
    expect(together.map(({ length }) => length)).toEqual(images.map(() => INCEPTION_FEATURES));
    for (const [i, image] of images.entries()) {
      const [alone] = await featuresOf([image]);
      const errors = alone.map((value, j) => Math.abs(value - together[i][j]));
      expect(Math.max(...errors)).toBeLessThan(1e-4);
    }
    expect(await featuresOf([])).toEqual([]);
  },
  2 * MINUTE,
);

it(
  'sees what is alike: noise changes an image less than a different style, and that less than a different subject',
  async () => {
    const rng = createRng(1);
    const noise = rng.normals(images[0].data.length);
    const data = Uint8Array.from(images[0].data, (value, i) =>
      Math.min(255, Math.max(0, value + 4 * noise[i])),
    );
    const noisy = { ...images[0], data };
    const [cat, otherCat, rocket, noisyCat] = await featuresOf([...images, noisy]);
    const distance = (features: Float32Array): number =>
      features.reduce((sum, value, i) => sum + (value - cat[i]) ** 2, 0);
    expect(distance(noisyCat)).toBeLessThan(distance(otherCat));
    expect(distance(otherCat)).toBeLessThan(distance(rocket));
  },
  2 * MINUTE,
);

it(
  'has the same features in an ONNX file',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inception-'));
    const path = join(folder, 'inception.onnx');
    await exportInception(path, 2);
    const extractor = await onnxFeatureExtractor({
      path,
      input: { layout: 'NHWC', mean: [0, 0, 0], std: [1, 1, 1] },
      numFeatures: INCEPTION_FEATURES,
    });
    const [exported, expected] = [await extractor.extract(images), await featuresOf(images)];
    extractor.dispose();
    await rm(folder, { recursive: true });
    for (const [i, features] of exported.entries()) {
      const errors = features.map((value, j) => Math.abs(value - expected[i][j]));
      expect(Math.max(...errors)).toBeLessThan(1e-3);
    }
  },
  2 * MINUTE,
);

it(
  'takes images of any size',
  async () => {
    const tiny = { width: 5, height: 9, data: new Uint8Array(5 * 9 * 3).fill(200) };
    const [features] = await featuresOf([tiny]);
    expect(features.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  },
  2 * MINUTE,
);
