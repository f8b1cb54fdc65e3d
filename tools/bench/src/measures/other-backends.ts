import * as tf from '@transfusion/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { gflopsOf, sample } from './sample.js';
import { squareMatrices } from './sgemm.js';

/** GFLOP/s of the product of two square matrices on a backend that computes at once, per sample. */
export async function squareProductRates(
  backend: 'wasm' | 'cpu',
  size: number,
  samples: number,
): Promise<number[]> {
  return await withBackend(backend, () => {
    const [a, b] = squareMatrices(size);
    const run = (): void => tf.matMul(a, b).dispose();
    run();
    const rates = Array.from({ length: samples }, () => gflopsOf(sample(run, 0), 2 * size ** 3));
    tf.dispose([a, b]);
    return rates;
  });
}

async function withBackend<T>(name: string, body: () => T): Promise<T> {
  const previous = tf.getBackend();
  const isProduction = tf.env().getBool('PROD');
  // Else the cpu backend advertises TensorFlow.js's native one on the console.
  tf.env().set('PROD', true);
  try {
    await tf.setBackend(name);
    return body();
  } finally {
    tf.env().set('PROD', isProduction);
    await tf.setBackend(previous);
  }
}
