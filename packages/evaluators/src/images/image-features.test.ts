import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@transfusion/modality-image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import golden from '../golden/feature-network.json' with { type: 'json' };
import resizing from '../golden/resizing.json' with { type: 'json' };
import { onnxFeatureExtractor, type OnnxFeatureExtractor } from './onnx-feature-extractor.js';
import { RESIZE_FILTERS, resampleImage } from './resample-image.js';

const path = fileURLToPath(new URL('../golden/feature-network.onnx', import.meta.url));
const read = ({ base64, ...size }: { width: number; height: number; base64: string }): RgbImage => ({
  ...size,
  data: Uint8Array.from(Buffer.from(base64, 'base64')),
});
const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((value, i) => Math.abs(value - a[i])));

describe('resizing', () => {
  test.each(
    resizing.flatMap((entry) =>
      RESIZE_FILTERS.map((filter) => [entry.width, entry.height, filter, entry] as const),
    ),
  )('to %i × %i has the pixels of the original: %s', (width, height, filter, entry) => {
    const resized = resampleImage(read(entry.image), width, height, filter);
    expect(resized.length).toBe(entry[filter].length);
    expect(largestDifference(resized, entry[filter])).toBeLessThan(1e-4);
  });

  test('keeps an image of the size', () => {
    const image = read(resizing[0].image);
    for (const filter of RESIZE_FILTERS) {
      expect(resampleImage(image, image.width, image.height, filter)).toEqual(Float32Array.from(image.data));
    }
  });

  test('refuses sides and filters that do not exist', () => {
    const image = read(resizing[0].image);
    expect(() => resampleImage(image, 0, 4)).toThrow('the size is 0 × 4, expected positive integers');
    expect(() => resampleImage(image, 4, 4, 'area' as never)).toThrow(
      "the resize filter is 'area', expected 'clean-bicubic', 'bilinear', 'rounded-bicubic'",
    );
  });
});

describe('a feature network in ONNX', () => {
  const image = read(golden.image);
  const other = { width: 3, height: 2, data: new Uint8Array(18).fill(200) };
  let extractor: OnnxFeatureExtractor;
  beforeAll(async () => {
    extractor = await onnxFeatureExtractor({ path, input: { size: 16 }, output: 'features', batchSize: 2 });
  });
  afterAll(() => extractor.dispose());

  test('has the features of PyTorch, in batches of any size', async () => {
    const features = await extractor.extract([other, image, image]);
    expect(features).toHaveLength(3);
    for (const vector of features.slice(1)) {
      expect(vector.length).toBe(golden.features.length);
      expect(largestDifference(vector, golden.features)).toBeLessThan(1e-4);
    }
    expect(largestDifference(features[0], golden.features)).toBeGreaterThan(1e-2);
    expect(await extractor.extract([])).toEqual([]);
  });

  test('says what its numbers depend on', async () => {
    const { subtle } = globalThis.crypto;
    const hash = Buffer.from(await subtle.digest('SHA-256', await readFile(path))).toString('hex');
    expect(extractor.provenance).toEqual({
      features: 'feature-network.onnx',
      featuresSha256: hash,
      resizeFilter: 'clean-bicubic',
    });
  });

  test('depends on the filter', async () => {
    const options = { path, input: { size: 16 }, output: 'features', resizeFilter: 'bilinear' } as const;
    const bilinear = await onnxFeatureExtractor(options);
    const [features] = await bilinear.extract([image]);
    expect(largestDifference(features, golden.features)).toBeGreaterThan(1e-3);
    bilinear.dispose();
  });

  test('refuses values that are not images', async () => {
    const broken = { ...image, data: Float32Array.from(image.data).fill(NaN) } as unknown as RgbImage;
    await expect(extractor.extract([image, broken])).rejects.toThrow(
      'feature-network.onnx: image 1 is not an RgbImage, expected { width, height, data }',
    );
  });

  test.each([
    [
      { output: 'maps' },
      "the output 'maps' is float32 [1, 6, 4, 4], expected float32 [1, D]: one vector per input",
    ],
    [{ output: 'logs' }, "the output 'logs' is NaN at index 0 of row 0, expected finite values"],
    [{ output: 'features', numFeatures: 2048 }, "the output 'features' has 6 features, expected 2048"],
    [
      { output: 'features', input: { layout: 'NHWC' as const, size: 16 } },
      "cannot run with 'images' [1, 16, 16, 3]",
    ],
  ])('refuses to extract with %j', async (options, message) => {
    const broken = await onnxFeatureExtractor({ path, input: { size: 16 }, ...options });
    await expect(broken.extract([image])).rejects.toThrow(message);
    broken.dispose();
  });

  test.each([
    [{ output: 'pooled' }, "has the outputs 'features', 'maps', 'logs', expected 'pooled'"],
    [{}, "has the outputs 'features', 'maps', 'logs', expected one alone. Name the output of the file"],
    [{ output: 'features', input: { name: 'x' } }, "has the inputs 'images', expected 'x'"],
    [
      { path: `${path}.missing` },
      'feature-network.onnx.missing: cannot be read (ENOENT), expected an ONNX file',
    ],
    [{ path: fileURLToPath(import.meta.url) }, 'ONNX Runtime cannot load it'],
    [{ input: { mean: [0] } }, 'input.mean is [0], expected three numbers, one per channel'],
    [{ input: { std: [1, 0, 1] } }, 'input.std is [1, 0, 1], expected three positive numbers'],
    [{ input: { size: 0 } }, 'input.size is 0, expected a positive integer'],
    [{ batchSize: 0 }, 'batchSize is 0, expected a positive integer'],
    [{ resizeFilter: 'area' as never }, "the resize filter is 'area'"],
  ])('refuses to open with %j', async (options, message) => {
    await expect(onnxFeatureExtractor({ path, ...options })).rejects.toThrow(message);
  });
});
