import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { medianOf } from '../statistics.js';
import { gflopsOf, sample, type Sample } from './sample.js';

/** A compiled product of two square matrices: the fastest that the machine computes. */
export interface SquareProduct {
  readonly size: number;
  readonly flops: number;
  run(): void;
  dispose(): void;
}

export function compiledSquareProduct(size: number): SquareProduct {
  const product = jit((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b), { name: `sgemm${size}` });
  const [a, b] = squareMatrices(size);
  return {
    size,
    flops: 2 * size ** 3,
    run: () => product(a, b).dispose(),
    dispose() {
      product.dispose();
      tf.dispose([a, b]);
    },
  };
}

export function squareMatrices(size: number): [tf.Tensor2D, tf.Tensor2D] {
  const matrix = (seed: number): tf.Tensor2D => tf.randomUniform([size, size], -1, 1, 'float32', seed);
  return [matrix(1), matrix(2)];
}

/** Samples of each size, taken one after the other. */
export type SgemmSamples = ReadonlyMap<SquareProduct, Sample>;

export function sampleSgemm(products: readonly SquareProduct[], atLeastMilliseconds: number): SgemmSamples {
  return new Map(products.map((product) => [product, sample(product.run, atLeastMilliseconds)]));
}

/** GFLOP/s of each size over all samples: the median. */
export function ratesBySize(samples: readonly SgemmSamples[]): Map<number, number[]> {
  const rates = new Map<number, number[]>();
  for (const [product, one] of samples.flatMap((bySize) => [...bySize])) {
    const list = rates.get(product.size) ?? [];
    rates.set(product.size, [...list, gflopsOf(one, product.flops)]);
  }
  return rates;
}

/** The machine's sgemm rate in GFLOP/s: the median over sizes of each size's median. */
export function sgemmRate(samples: readonly SgemmSamples[]): number {
  return medianOf([...ratesBySize(samples).values()].map((rates) => medianOf(rates)));
}
