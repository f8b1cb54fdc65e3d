import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@transfusion/tfjs';

/** A tensor in a file of reference values. */
export interface GoldenTensor {
  readonly shape: number[];
  readonly data: number[];
}

/** The path of a file in `src/golden`. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
}

/** A JSON file in `src/golden`. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), 'utf8')) as T;
}

/** The tensor in the engine. */
export function goldenTensor(
  { shape, data }: GoldenTensor,
  dtype: 'float32' | 'int32' = 'float32',
): tf.Tensor {
  return tf.tensor(data, shape, dtype);
}
