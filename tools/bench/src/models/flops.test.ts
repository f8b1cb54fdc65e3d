/** The formulas for operations, against the operations that TensorFlow.js runs. */
import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { llama, llama11M, llamaFlops } from './llama.js';
import { countParameters, type Model } from './model.js';
import { lossAndGradients } from './training.js';
import { unet, unet64, unetFlops } from './unet.js';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

test('Llama', async () => {
  const model = llama({
    batchSize: 2,
    seqLen: 6,
    modelDim: 8,
    numLayers: 2,
    numHeads: 2,
    ffnDim: 12,
    vocabSize: 10,
  });
  expect(model.flopsPerStep).toBe(await countedFlops(model));
});

test('U-Net', async () => {
  const model = unet({ batchSize: 2, gridSize: 4, latentChannels: 3, channels: [4, 8], numGroups: 2 });
  expect(model.flopsPerStep).toBe(await countedFlops(model));
});

test('the sizes that are measured', () => {
  const parameters = llama(llama11M).initialParameters();
  expect(countParameters(parameters) / 1e6).toBeCloseTo(11.0, 1);
  // 10,813,440 weights in matrix products, 2,048 tokens; 6 layers, 256 positions, width 384.
  expect(llamaFlops(llama11M)).toBe(6 * 10_813_440 * 2048 + 12 * 6 * 256 * 384 * 2048);
  expect(unetFlops(unet64) / 1e9).toBeCloseTo(42.9, 1);
});

/** Adds up the matrix products and convolutions of a forward and a backward pass. */
async function countedFlops(model: Model): Promise<number> {
  const parameters = model.initialParameters();
  const batch = model.makeBatch();
  const { kernels } = await tf.profile(() => {
    lossAndGradients(model, parameters, batch);
  });
  return kernels.reduce((sum, { name, inputShapes, outputShapes }) => {
    const count = flopsOfKernel[name];
    return count === undefined
      ? sum
      : sum +
          count(
            inputShapes.map((shape) => shape ?? []),
            outputShapes[0],
          );
  }, 0);
}

type CountFlops = (inputs: number[][], output: number[]) => number;

const sizeOf = tf.util.sizeFromShape;

/** Each value of the result of a convolution meets all of the filter of its channel. */
const convolution = (result: number[], filter: number[]): number =>
  (2 * sizeOf(result) * sizeOf(filter)) / filter[3];

const flopsOfKernel: Readonly<Record<string, CountFlops>> = {
  // m·k, k·n and m·n values in each of the batch's matrices, whatever is transposed.
  BatchMatMul: ([a, b], output) => {
    const batch = sizeOf(output.slice(0, -2));
    return 2 * Math.round(Math.sqrt((sizeOf(a) * sizeOf(b) * sizeOf(output)) / batch));
  },
  Conv2D: ([, filter], output) => convolution(output, filter),
  Conv2DBackpropInput: ([dy, filter]) => convolution(dy, filter),
  Conv2DBackpropFilter: ([, dy], output) => convolution(dy, output),
};
