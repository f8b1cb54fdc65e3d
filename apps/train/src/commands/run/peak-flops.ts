import * as tf from '@transfusion/tfjs';

const MEASURE_SECONDS = 0.5;

/** Measures the engine's peak FLOP/s with products of square matrices (two FLOPs per multiply-add). */
export async function measurePeakFlops(): Promise<number> {
  let size = 128;
  let best = 0;
  for (const start = performance.now(); performance.now() - start < MEASURE_SECONDS * 1000;) {
    const seconds = await timeProduct(size);
    best = Math.max(best, (2 * size ** 3) / seconds);
    // Small products are dominated by call overhead: grow until one takes long enough.
    if (seconds < MEASURE_SECONDS / 32) size *= 2;
  }
  return best;
}

async function timeProduct(size: number): Promise<number> {
  const matrix = tf.ones([size, size]);
  const start = performance.now();
  const product = tf.matMul(matrix, matrix);
  const corner = tf.slice(product, [0, 0], [1, 1]);
  await corner.data();
  const seconds = (performance.now() - start) / 1000;
  tf.dispose([matrix, product, corner]);
  return seconds;
}
