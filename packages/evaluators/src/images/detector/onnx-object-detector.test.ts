import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '@transfusion/modality-image';
import golden from '../../golden/detector/objects.json' with { type: 'json' };
import { inputSize } from './detector-config.js';
import { onnxObjectDetector } from './onnx-object-detector.js';

const folder = fileURLToPath(new URL('../../golden/detector', import.meta.url));
const imageOf = ({ width, height, base64 }: (typeof golden)[number]): RgbImage => ({
  width,
  height,
  data: new Uint8Array(Buffer.from(base64, 'base64')),
});

/** A copy of the folder, with fields of a file changed. */
async function changed(file: string, fields: object): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'detector-'));
  for (const name of ['model.onnx', 'config.json', 'preprocessor_config.json']) {
    await copyFile(join(folder, name), join(copy, name));
  }
  const config = JSON.parse(await readFile(join(folder, file), 'utf8')) as object;
  await writeFile(join(copy, file), JSON.stringify({ ...config, ...fields }));
  return copy;
}

describe('an export of Hugging Face Optimum', () => {
  it.each(golden)('finds the objects of transformers in an image of $width × $height', async (expected) => {
    const detector = await onnxObjectDetector(folder);
    const found = await detector.detect(imageOf(expected));
    expect(found.map((object) => object.class)).toEqual(expected.labels);
    expected.scores.forEach((score, i) => expect(found[i].score).toBeCloseTo(score, 5));
    // In shares of the sides, as the network returns them.
    const { width, height } = expected;
    const sides = [width, height, width, height];
    expected.boxes.forEach((box, i) =>
      box.forEach((value, k) => expect(found[i].box[k] / sides[k]).toBeCloseTo(value / sides[k], 5)),
    );
    detector.dispose();
  });

  it('says its classes, by other names, and its hash', async () => {
    const detector = await onnxObjectDetector(folder, { rename: { dog: 'hot dog' } });
    expect(detector.classes).toEqual(['cup', 'hot dog', 'N/A', 'kite']);
    const names = (await detector.detect(imageOf(golden[0]))).map((object) => object.class);
    expect(names).toEqual(golden[0].labels.map((label) => (label === 'dog' ? 'hot dog' : label)));
    expect(detector.id).toMatch(/^4 classes, detector\/model\.onnx, sha256 [0-9a-f]{16}$/);
  });
});

it('fills the mask of valid pixels, and takes the sizes that the file fixes', async () => {
  const copy = await changed('config.json', {});
  await copyFile(join(folder, 'with-mask.onnx'), join(copy, 'model.onnx'));
  const detector = await onnxObjectDetector(copy);
  const [{ class: name, score, box }] = await detector.detect(imageOf(golden[0]));
  expect(name).toBe('kite');
  expect(score).toBeCloseTo(1 / (1 + 4 * Math.exp(-9)), 6);
  const { width, height } = golden[0];
  [0.4 * width, 0.3 * height, 0.6 * width, 0.7 * height].forEach((value, k) =>
    expect(box[k]).toBeCloseTo(value, 4),
  );
});

it.each(golden)('scales $width × $height', ({ width, height, inputShape }) => {
  const size = { shortestEdge: 32, longestEdge: 64 };
  const found = inputSize({ size, multipleOf: 16 }, width, height);
  expect([found.height, found.width]).toEqual(inputShape.slice(2));
});

it('keeps the aspect ratio, or not', () => {
  const detr = { size: { shortestEdge: 800, longestEdge: 1333 }, multipleOf: 1 };
  expect(inputSize(detr, 512, 512)).toEqual({ width: 800, height: 800 });
  expect(inputSize(detr, 640, 480)).toEqual({ width: 1066, height: 800 });
  expect(inputSize(detr, 480, 640)).toEqual({ width: 800, height: 1066 });
  expect(inputSize(detr, 1000, 200)).toEqual({ width: 1333, height: 267 });
  expect(inputSize({ size: { width: 5, height: 7 }, multipleOf: 1 }, 512, 300)).toEqual({
    width: 5,
    height: 7,
  });
});

describe('refuses', () => {
  it.each<[string, object, string]>([
    ['config.json', { id2label: { 0: 'cup', 2: 'dog' } }, 'config.json: id2label is {"0":"cup","2":"dog"}'],
    ['config.json', { id2label: undefined }, 'config.json: id2label is undefined, expected a name for each'],
    [
      'preprocessor_config.json',
      { size: { width: 5 } },
      'preprocessor_config.json: size is {"width":5}, expected',
    ],
    [
      'preprocessor_config.json',
      { image_std: [1, 0, 1] },
      'image_std is [1,0,1], expected a number per channel',
    ],
    ['preprocessor_config.json', { rescale_factor: 0 }, 'rescale_factor is 0, expected a number above 0'],
  ])('%s with %j', async (file, fields, message) => {
    await expect(onnxObjectDetector(await changed(file, fields))).rejects.toThrow(message);
  });

  it('labels of another network', async () => {
    const detector = await onnxObjectDetector(await changed('config.json', { id2label: { 0: 'cup' } }));
    await expect(detector.detect(imageOf(golden[0]))).rejects.toThrow(
      'returns logits [1, 5, 5] and pred_boxes [1, 5, 4], expected [1, N, 2] (config.json has 1 labels',
    );
  });

  it('a folder without a network or config, and values that are not images', async () => {
    await expect(onnxObjectDetector('/nowhere')).rejects.toThrow('/nowhere/config.json: cannot be read');
    const other = await changed('config.json', {});
    await writeFile(join(other, 'model.onnx'), 'no');
    await expect(onnxObjectDetector(other)).rejects.toThrow(/model\.onnx: ONNX Runtime cannot load it/);
    const detector = await onnxObjectDetector(folder);
    await expect(detector.detect('image' as never)).rejects.toThrow(
      'found a value of type string, expected an RgbImage',
    );
  });

  it('a network that is no detector', async () => {
    const vae = fileURLToPath(
      new URL('../../../../modality-image/src/onnx/golden/vae_decoder/model.onnx', import.meta.url),
    );
    const copy = await changed('config.json', {});
    await copyFile(vae, join(copy, 'model.onnx'));
    await expect(onnxObjectDetector(copy)).rejects.toThrow(
      'has the inputs latent_sample and the outputs sample, expected pixel_values',
    );
  });
});
