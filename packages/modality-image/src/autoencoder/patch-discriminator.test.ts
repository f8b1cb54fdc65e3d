import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
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
import { initPatchDiscriminator, patchDiscriminator } from './patch-discriminator.js';

interface GoldenCase {
  readonly channels: readonly number[];
  readonly weights: GoldenWeights;
  readonly images: GoldenTensor;
  readonly logits: GoldenTensor;
  readonly outputWeights: GoldenTensor;
  readonly imageGradient: GoldenTensor;
  readonly gradients: Record<string, GoldenTensor>;
}
const cases = readCases<GoldenCase>('patch-discriminator.json').map(
  (golden) => [`channels ${golden.channels}`, golden] as const,
);

describe.each(['cpu', 'onnxruntime'])('on %s, it is PyTorch’s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)('%s, gradients too', (_, golden) => {
    const judge = goldenParams(initPatchDiscriminator(createRng(0), golden.channels), golden.weights);
    const images = goldenTensor<tf.Tensor4D>(golden.images);
    const { aux, gradients } = valueAndGrad(
      (current) => {
        const logits = patchDiscriminator(current.judge, current.images);
        const loss = logits.mul(goldenTensor(golden.outputWeights)).sum() as tf.Scalar;
        return { loss, aux: { logits } };
      },
      { judge, images },
    );
    expectGolden(aux.logits, golden.logits, 'logits');
    expectGoldenGradients(gradients.judge, golden.gradients);
    expectGoldenGradients(gradients, { images: golden.imageGradient });
  });
});

it('classifies patches, independently of distant pixels', async () => {
  await tf.setBackend('cpu');
  const judge = initPatchDiscriminator(createRng(1), [4]);
  const pixels = createRng(2).normals(16 * 16 * 3);
  const images = tf.tensor4d(pixels, [1, 16, 16, 3]);
  const changed = tf.tensor4d(pixels.slice().fill(3, pixels.length - 3), [1, 16, 16, 3]);
  const difference = patchDiscriminator(judge, changed).sub(patchDiscriminator(judge, images));
  const apart = difference.abs().reshape([8, 8]).arraySync() as number[][];
  expect(apart[7][7]).toBeGreaterThan(0);
  expect(Math.max(...apart.slice(0, 6).flat())).toBe(0);
});
