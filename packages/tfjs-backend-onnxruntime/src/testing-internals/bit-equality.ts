import * as tf from '@transfusion/tfjs';
import { expect } from 'vitest';
import { compileDynamic } from '../dynamic/compile-dynamic.js';

/** Numbers of rows around the widths of vectors and the heights of blocks in ONNX Runtime's kernels. */
export const ROW_COUNTS = [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 24, 31, 32, 33, 48, 64];

/** Values from -1 to 1, the same for each seed. */
export function valuesOf(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x3fffffff - 1;
  });
}

/**
 * Fails unless a function of rows gives each row the same bits alone and among any number of others.
 *
 * @param shapes of one row of each input
 */
export function expectEqualBits<Name extends string>(
  fn: (inputs: Record<Name, tf.Tensor>) => tf.Tensor,
  shapes: Readonly<Record<Name, readonly number[]>>,
  rowCounts: readonly number[] = ROW_COUNTS,
): void {
  const names = Object.keys(shapes) as Name[];
  const inputs = Object.fromEntries(names.map((name) => [name, { shape: ['rows', ...shapes[name]] }]));
  const compiled = compileDynamic((tensors) => ({ y: fn(tensors as Record<Name, tf.Tensor>) }), {
    name: 'rows',
    inputs,
  });
  const sizes = names.map((name) => tf.util.sizeFromShape([...shapes[name]]));
  const data = names.map((_, i) => valuesOf(sizes[i] * Math.max(...rowCounts), i + 1));
  const outputSize = tf.util.sizeFromShape(compiled.outputShapes({ rows: 1 }).y);
  const run = (first: number, rows: number): Float32Array => {
    const y = new Float32Array(outputSize * rows);
    const views = names.map((name, i) => [
      name,
      data[i].subarray(first * sizes[i], (first + rows) * sizes[i]),
    ]);
    compiled.run(Object.fromEntries(views) as Record<string, Float32Array>, { rows }, { y });
    return y;
  };
  const alone = Array.from({ length: Math.max(...rowCounts) }, (_, row) => run(row, 1));
  for (const rows of rowCounts) {
    const together = run(0, rows);
    for (let row = 0; row < rows; row++) {
      const part = together.subarray(row * outputSize, (row + 1) * outputSize);
      const at = part.findIndex((value, i) => !Object.is(value, alone[row][i]));
      if (at >= 0) expect.fail(`row ${row} of ${rows}: ${part[at]} at ${at}, alone ${alone[row][at]}`);
    }
  }
  compiled.dispose();
}
