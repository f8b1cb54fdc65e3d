import * as tf from '@tensorflow/tfjs';

const SECONDS = 0.5;

/** Floating-point operations a second that the engine reaches at what it does best: square matrix products. */
export async function measurePeakFlops(): Promise<number> {
  let size = 128;
  let best = 0;
  for (const begun = performance.now(); performance.now() - begun < SECONDS * 1000;) {
    const seconds = await timeProduct(size);
    best = Math.max(best, (2 * size ** 3) / seconds);
    // Small products measure the cost of a call: grow until one takes a while.
    if (seconds < SECONDS / 32) size *= 2;
  }
  return best;
}

async function timeProduct(size: number): Promise<number> {
  const matrix = tf.ones([size, size]);
  const begun = performance.now();
  const product = tf.matMul(matrix, matrix);
  const corner = tf.slice(product, [0, 0], [1, 1]);
  await corner.data();
  const seconds = (performance.now() - begun) / 1000;
  tf.dispose([matrix, product, corner]);
  return seconds;
}
