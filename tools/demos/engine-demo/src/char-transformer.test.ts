import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { createCharTransformer } from './char-transformer.js';

const config = { vocabSize: 7, seqLen: 6, modelDim: 8, numHeads: 2, numLayers: 2, ffnDim: 16 };

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test('what comes later does not change a prediction; what came earlier does', () => {
  const model = createCharTransformer(config, 1);
  const logitsOf = (tokens: number[]): Float32Array[] =>
    Array.from({ length: config.seqLen }, (_, position) =>
      model
        .logits(tf.tensor2d([tokens], [1, 6], 'int32'))
        .slice([0, position, 0], [1, 1, 7])
        .dataSync<'float32'>(),
    );
  const before = logitsOf([0, 1, 2, 3, 4, 5]);
  const after = logitsOf([0, 1, 2, 6, 4, 5]);
  for (const position of [0, 1, 2]) expect(after[position]).toEqual(before[position]);
  for (const position of [3, 4, 5]) expect(after[position]).not.toEqual(before[position]);
});

test('starts as ignorant as chance', () => {
  const model = createCharTransformer(config, 1);
  const tokens = tf.tensor2d([[0, 1, 2, 3, 4, 5]], [1, 6], 'int32');
  const targets = tf.tensor2d([[1, 2, 3, 4, 5, 6]], [1, 6], 'int32');
  expect(model.loss(tokens, targets).dataSync()[0]).toBeCloseTo(Math.log(config.vocabSize), 1);
});
