import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const init = (seed: number): ReturnType<typeof tf.initializers.glorotUniform> =>
  tf.initializers.glorotUniform({ seed });

function dense(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 8, activation: 'relu', kernelInitializer: init(1) }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: init(2) }),
    ],
  });
}

function convolutional(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: init(3),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.separableConv2d({
        filters: 4,
        kernelSize: 3,
        depthwiseInitializer: init(4),
        pointwiseInitializer: init(5),
      }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: init(6) }),
    ],
  });
}

function recurrent(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 10, outputDim: 6, inputLength: 5, embeddingsInitializer: init(7) }),
      tf.layers.lstm({ units: 5, kernelInitializer: init(8), recurrentInitializer: init(9) }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: init(10) }),
    ],
  });
}

/** Deterministic values without a pattern. */
function noise(length: number): number[] {
  return Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 43_758.5453).map((v) => v - Math.floor(v));
}

/** Losses of a few epochs, and the trained model's predictions for two examples. */
async function train(
  makeModel: () => tf.Sequential,
  inputShape: number[],
  whole: boolean,
): Promise<number[]> {
  const model = makeModel();
  const count = 24;
  const size = tf.util.sizeFromShape(inputShape);
  const values = noise(count * size).map((v) => (whole ? Math.floor(v * 10) : v));
  const x = tf.tensor(values, [count, ...inputShape]);
  const y = tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: count }, (_, i) => ((values[i * size] * (whole ? 1 : 10)) % 3) | 0),
        'int32',
      ),
      3,
    )
    .toFloat();
  model.compile({
    optimizer: tf.train.momentum(0.1, 0.5),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 8, shuffle: false, verbose: 0 });
  const predictions = model.predict(x.slice([0], [2])) as tf.Tensor;
  const [loss] = model.evaluate(x, y, { batchSize: 24 }) as tf.Scalar[];
  const result = [...(history['loss'] as number[]), loss.dataSync()[0], ...predictions.dataSync()];
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync());
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x, y, predictions, loss]);
  model.dispose();
  return result;
}

it.each<[string, () => tf.Sequential, number[], boolean]>([
  ['dense', dense, [4], false],
  ['convolutional', convolutional, [8, 8, 1], false],
  ['recurrent', recurrent, [5], true],
])('tf.layers: a %s model is fitted and predicts as on cpu', async (_name, makeModel, inputShape, whole) => {
  await tf.setBackend('cpu');
  const expected = await train(makeModel, inputShape, whole);
  await tf.setBackend('onnxruntime');
  const actual = await train(makeModel, inputShape, whole);
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]), `figure ${i}`).toBeLessThan(1e-4));
  expect(actual[1]).toBeLessThan(actual[0]);
});
