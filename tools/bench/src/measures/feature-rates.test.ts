import * as tf from '@transfusion/tfjs';
import { expect, test } from 'vitest';
import { measureDistance, measureFeatures } from './feature-rates.js';

test('measures distances and features', { timeout: 120_000 }, async () => {
  await tf.setBackend('onnxruntime');
  const groups = [await measureDistance({ count: 20, length: 32 }), await measureFeatures(8, 1)];
  const measures = groups.flatMap((group) => group.measures);
  expect(measures.map(({ name }) => name)).toEqual(['fid.seconds', 'fid.memory', 'fid.features']);
  for (const { value } of measures) expect(value).toBeGreaterThan(0);
});
