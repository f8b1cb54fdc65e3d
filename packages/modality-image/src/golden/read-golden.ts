/** Reads the reference values of `tools/checks/golden/modality-image`, and compares results with them. */
import { readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { flattenParams, unflattenParams, type Params } from '@transfusion/nn';
import { expect } from 'vitest';

/** A tensor in a file of reference values. */
export interface GoldenTensor {
  readonly shape: number[];
  readonly data: number[];
}

/** Weights by dotted path: signed bytes in base64, in units of the file's `weightStep`. */
export type GoldenWeights = Record<string, { readonly shape: number[]; readonly data: string }>;

/** Reads the cases of a JSON file in this folder, with their weights as numbers. */
export function readCases<Case extends { readonly weights: GoldenWeights }>(
  name: string,
): readonly (Omit<Case, 'weights'> & { readonly weights: Record<string, GoldenTensor> })[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  const { weightStep, cases } = JSON.parse(text) as { weightStep: number; cases: readonly Case[] };
  const decode = (data: string): number[] =>
    [...Buffer.from(data, 'base64')].map((byte) => ((byte << 24) >> 24) * weightStep);
  return cases.map((golden) => ({
    ...golden,
    weights: Object.fromEntries(
      Object.entries(golden.weights).map(([path, { shape, data }]) => [path, { shape, data: decode(data) }]),
    ),
  }));
}

/** Creates the tensor. */
export function goldenTensor<T extends tf.Tensor = tf.Tensor>({ shape, data }: GoldenTensor): T {
  return tf.tensor(data, shape, 'float32') as T;
}

/** Creates parameters with the structure of `like` from weights, which must be exactly those of `like`. */
export function goldenParams<P extends Params>(like: P, weights: Record<string, GoldenTensor>): P {
  const flat = Object.entries(weights).map(([path, weight]) => [path, goldenTensor(weight)] as const);
  return unflattenParams(like, Object.fromEntries(flat));
}

/** Fails unless shapes are equal, and values within 1e-4 · max(1, |expected|). */
export function expectGolden(found: tf.Tensor, { shape, data }: GoldenTensor, label: string): void {
  expect(found.shape, `${label}: shape`).toEqual(shape);
  expectNear(found.dataSync(), data, (expected) => Math.max(1, Math.abs(expected)), label);
}

/** Like {@link expectGolden} for gradients, relative to the largest element of each. */
export function expectGoldenGradients(found: Params, expected: Record<string, GoldenTensor>): void {
  const flat = flattenParams(found);
  for (const [path, { shape, data }] of Object.entries(expected)) {
    expect(flat[path].shape, `gradient by ${path}: shape`).toEqual(shape);
    const largest = Math.max(...data.map(Math.abs));
    expectNear(flat[path].dataSync(), data, () => largest, `gradient by ${path}`);
  }
}

function expectNear(
  found: ArrayLike<number>,
  expected: readonly number[],
  scaleOf: (expected: number) => number,
  label: string,
): void {
  expected.forEach((value, i) => {
    const limit = 1e-4 * scaleOf(value);
    if (Math.abs(found[i] - value) <= limit) return;
    expect.fail(`${label}: value ${i} is ${found[i]}, expected ${value} ± ${limit}`);
  });
}
