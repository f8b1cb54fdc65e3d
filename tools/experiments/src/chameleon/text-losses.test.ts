import { selectEngine } from '@transfusion/engine';
import { disposeParams, zeroRng } from '@transfusion/nn';
import { expect, test } from 'vitest';
import { IMAGE_SIZE } from '../shape-set.js';
import { textLosses } from './text-losses.js';
import { tinyChameleon } from './tiny-chameleon.js';

test('only text counts, alone and after an image', async () => {
  await selectEngine('onnxruntime');
  const model = tinyChameleon();
  // All tokens are equally likely.
  const params = model.init(zeroRng);
  const image = { width: IMAGE_SIZE, height: IMAGE_SIZE, data: new Uint8Array(3 * IMAGE_SIZE ** 2) };
  const labels = { image, subject: '', style: '' };
  const captions = ['ab', 'abcdef'].map((caption) => ({ ...labels, caption }));
  const metrics = await textLosses(model, params, captions);
  disposeParams(params);
  expect(metrics.map(({ name, count }) => [name, count])).toEqual([
    ['text loss', 2],
    ['caption loss', 2],
  ]);
  for (const { value, values } of metrics) {
    expect(value).toBeCloseTo(Math.log(model.vocabulary.size), 4);
    // Bytes of the captions: neither the 16 tokens of the image nor the end.
    expect(values![1] / values![0]).toBeCloseTo(6 / 2, 4);
  }
});
