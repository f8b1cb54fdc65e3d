import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { createRng, valueAndGrad } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectGolden,
  expectGoldenGradients,
  goldenParams,
  goldenTensor,
  readCases,
  type GoldenTensor,
  type GoldenWeights,
} from '../golden/read-golden.js';
import { lookUpCodes, nearestCodes, quantize } from './vector-quantizer.js';

interface GoldenCase {
  readonly weights: GoldenWeights;
  readonly vectors: GoldenTensor;
  readonly ids: GoldenTensor;
  readonly quantized: GoldenTensor;
  readonly codebookLoss: GoldenTensor;
  readonly commitmentLoss: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly vectorGradient: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
type Quantizer = { readonly codebook: tf.Tensor2D; readonly vectors: tf.Tensor4D };

const cases = readCases<GoldenCase>('vector-quantizer.json').map(
  (golden) => [`${golden.weights.codebook.shape}`, golden] as const,
);
const codebookOf = ({ weights }: (typeof cases)[number][1]): tf.Tensor2D =>
  goldenParams({ codebook: tf.zeros<tf.Rank.R2>(weights.codebook.shape as [number, number]) }, weights)
    .codebook;
const random = (seed: number, shape: readonly number[]): tf.Tensor =>
  tf.tensor(createRng(seed).normals(shape.reduce((a, b) => a * b)), [...shape]);

/** Loss and gradients of `sum(quantized * weights)` alone. */
const throughQuantized = (at: Quantizer, weights: tf.Tensor) =>
  valueAndGrad(({ codebook, vectors }: Quantizer) => {
    const { quantized } = quantize(codebook, vectors);
    return { loss: quantized.mul(weights).sum() as tf.Scalar, aux: {} };
  }, at).gradients;

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)('is PyTorch’s: codebook [%s]', (_, golden) => {
    const { ids, quantized, codebookLoss, commitmentLoss } = quantize(
      codebookOf(golden),
      goldenTensor<tf.Tensor4D>(golden.vectors),
    );
    expect([ids.shape, ids.dtype]).toEqual([golden.ids.shape, 'int32']);
    expect([...ids.dataSync()]).toEqual(golden.ids.data);
    expectGolden(quantized, golden.quantized, 'quantized');
    expectGolden(codebookLoss, golden.codebookLoss, 'codebookLoss');
    expectGolden(commitmentLoss, golden.commitmentLoss, 'commitmentLoss');
  });

  it.each(cases)('has PyTorch’s gradients: codebook [%s]', (_, golden) => {
    const weights = goldenTensor(golden.outputWeights);
    const differentiate = jit(
      (at: Quantizer) =>
        valueAndGrad(({ codebook, vectors }: Quantizer) => {
          const { quantized, codebookLoss, commitmentLoss } = quantize(codebook, vectors);
          const output = quantized.mul(weights).mean();
          return { loss: output.add(codebookLoss).add(commitmentLoss.mul(0.25)) as tf.Scalar, aux: {} };
        }, at).gradients,
    );
    const gradients = differentiate({ codebook: codebookOf(golden), vectors: goldenTensor(golden.vectors) });
    expectGoldenGradients(gradients, { ...golden.gradients, vectors: golden.vectorGradient });
  });

  it('matches a search over all pairs', () => {
    const [K, C, M] = [9, 3, 40];
    const [codebook, vectors] = [random(1, [K, C]) as tf.Tensor2D, random(2, [5, 8, C])];
    const [entries, flat] = [codebook.arraySync(), vectors.reshape([M, C]).arraySync() as number[][]];
    const distance = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
    const expected = flat.map((vector) => {
      const distances = entries.map((entry) => distance(entry, vector));
      return distances.indexOf(Math.min(...distances));
    });
    const ids = nearestCodes(codebook, vectors);
    expect(ids.shape).toEqual([5, 8]);
    expect([...ids.dataSync()]).toEqual(expected);
    const codes = lookUpCodes(codebook, ids);
    expect(codes.shape).toEqual([5, 8, C]);
    expect(codes.reshape([M, C]).arraySync()).toEqual(expected.map((id) => entries[id]));
  });

  it('returns the first of equally near entries', () => {
    const codebook = tf.tensor2d([[2], [1], [-1], [1]]);
    expect([...nearestCodes(codebook, tf.tensor2d([[0], [1], [3]])).dataSync()]).toEqual([1, 1, 0]);
  });

  it('passes the gradient of its output straight through to the vectors', () => {
    const at = {
      codebook: random(1, [6, 2]) as tf.Tensor2D,
      vectors: random(2, [1, 2, 3, 2]) as tf.Tensor4D,
    };
    const weights = random(3, at.vectors.shape);
    const gradients = throughQuantized(at, weights);
    expect(gradients.vectors.arraySync()).toEqual(weights.arraySync());
    expect(gradients.codebook.abs().max().dataSync()[0]).toBe(0);
  });

  it('trains entries by one loss, vectors by the other, and nothing unused', () => {
    const at = { codebook: tf.tensor2d([[0], [10]]), vectors: tf.tensor4d([1, 3], [1, 1, 2, 1]) };
    const gradientsOf = (name: 'codebookLoss' | 'commitmentLoss'): number[][] => {
      const { gradients } = valueAndGrad((current: Quantizer) => {
        return { loss: quantize(current.codebook, current.vectors)[name], aux: {} };
      }, at);
      return [gradients.codebook, gradients.vectors].map((gradient) => [...gradient.dataSync()]);
    };
    expect(gradientsOf('codebookLoss')).toEqual([
      [-4, 0],
      [0, 0],
    ]);
    expect(gradientsOf('commitmentLoss')).toEqual([
      [0, 0],
      [1, 3],
    ]);
  });
});
