/** The losses against PyTorch and plain loops, values and gradients, on two backends. */
import { readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, diffusionLoss, jointLoss } from './losses.js';
import { expectClose } from './testing-internals/expect-close.js';

interface GoldenTensor {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly crossEntropy: { logits: GoldenTensor; targets: number[]; loss: number; gradient: GoldenTensor };
  readonly diffusion: {
    prediction: GoldenTensor;
    target: GoldenTensor;
    loss: number;
    gradient: GoldenTensor;
  };
}
const golden = JSON.parse(readFileSync(new URL('golden/losses.json', import.meta.url), 'utf8')) as Golden;

const close = { relative: 1e-5, absolute: 1e-6 };
const tensorOf = ({ shape, data }: GoldenTensor): tf.Tensor => tf.tensor(data, shape);
const meanOf = (sum: tf.Scalar, count: number): tf.Scalar =>
  jointLoss([{ sum, count: tf.scalar(count), weight: 1 }]);
const valueOf = (scalar: tf.Scalar): number => scalar.dataSync()[0];
const numbers = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: length, maxLength: length });

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('cross-entropy is PyTorch’s with ignored positions, the gradient too', () => {
    const { logits, targets, loss, gradient } = golden.crossEntropy;
    const weights = tf.tensor1d(targets.map((target) => (target < 0 ? 0 : 1)));
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      meanOf(
        crossEntropy(x as tf.Tensor2D, tf.tensor1d(targets, 'int32'), weights),
        targets.filter((target) => target >= 0).length,
      ),
    )(tensorOf(logits));
    expectClose(value.dataSync(), [loss], close);
    expectClose(grad.dataSync(), gradient.data, close, 'gradient');
  });

  it('cross-entropy accepts large logits and any target with weight 0, also compiled, and leaks no tensors', () => {
    const logits = tf.tensor2d([1e4, -1e4, 0, 2, 2, -1e4, 5, 6, 7], [3, 3]);
    const targets = tf.tensor1d([0, 1, 5000], 'int32');
    const weights = tf.tensor1d([1, 0.5, 0]);
    const expected = [0, 0, 0, 0.25, -0.25, 0, 0, 0, 0];
    const lossOf = (x: tf.Tensor): tf.Scalar => crossEntropy(x as tf.Tensor2D, targets, weights);
    const before = tf.memory().numTensors;
    const { value, grad } = tf.valueAndGrad(lossOf)(logits);
    expectClose(value.dataSync(), [0.5 * Math.log(2)], close);
    expectClose(grad.dataSync(), expected, close, 'gradient');
    tf.dispose([value, grad]);
    expect(tf.memory().numTensors).toBe(before);
    if (backend === 'onnxruntime') {
      expectClose(jit((x: tf.Tensor) => tf.grad(lossOf)(x))(logits).dataSync(), expected, close, 'compiled');
    }
  });

  it('cross-entropy of a single token and a single position is 0', () => {
    const lossOf = (x: tf.Tensor): tf.Scalar =>
      crossEntropy(x as tf.Tensor2D, tf.tensor1d([0], 'int32'), tf.tensor1d([1]));
    const { value, grad } = tf.valueAndGrad(lossOf)(tf.tensor2d([3], [1, 1]));
    expectClose([...value.dataSync(), ...grad.dataSync()], [0, 0], close);
  });

  it('the diffusion loss is PyTorch’s mean squared error, the gradient too', () => {
    const { prediction, target, loss, gradient } = golden.diffusion;
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      meanOf(diffusionLoss(x, tensorOf(target), tf.ones([3])), x.size),
    )(tensorOf(prediction));
    expectClose(value.dataSync(), [loss], close);
    expectClose(grad.dataSync(), gradient.data, close, 'gradient');
  });
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('cross-entropy is the sum of a plain loop', () => {
    const cases = fc.integer({ min: 1, max: 5 }).chain((T) =>
      fc.record({
        logits: fc.array(numbers(4), { minLength: T, maxLength: T }),
        targets: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: T, maxLength: T }),
        weights: fc.array(fc.constantFrom(0, 1, 0.5), { minLength: T, maxLength: T }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ logits, targets, weights }) => {
        const sum = crossEntropy(tf.tensor2d(logits), tf.tensor1d(targets, 'int32'), tf.tensor1d(weights));
        let expected = 0;
        logits.forEach((row, i) => {
          const total = row.reduce((all, logit) => all + Math.exp(logit), 0);
          expected += weights[i] * (Math.log(total) - row[targets[i]]);
        });
        expectClose([valueOf(sum)], [expected], { relative: 1e-4, absolute: 1e-4 });
      }),
      { numRuns: 30 },
    );
  });

  it('the diffusion loss is the sum of a plain loop', () => {
    fc.assert(
      fc.property(numbers(12), numbers(12), numbers(2), (prediction, target, [first, last]) => {
        const weights = [first, 0, last];
        const sum = diffusionLoss(
          tf.tensor(prediction, [3, 2, 2]),
          tf.tensor(target, [3, 2, 2]),
          tf.tensor1d(weights),
        );
        let expected = 0;
        prediction.forEach((value, i) => {
          expected += weights[Math.floor(i / 4)] * (value - target[i]) ** 2;
        });
        expectClose([valueOf(sum)], [expected], { relative: 1e-4, absolute: 1e-2 });
      }),
      { numRuns: 30 },
    );
  });

  it('slots with weight 0 do not affect loss and gradient', () => {
    const target = tf.zeros([2, 3]);
    const lossOf = (x: tf.Tensor): tf.Scalar => meanOf(diffusionLoss(x, target, tf.tensor1d([1, 0])), 3);
    const { value, grad } = tf.valueAndGrad(lossOf)(tf.tensor2d([1, 2, 3, 1e18, -1e18, 7], [2, 3]));
    expectClose(value.dataSync(), [14 / 3], close);
    expectClose(grad.dataSync(), [2 / 3, 4 / 3, 2, 0, 0, 0], close);
  });

  it('gradients are finite differences', () => {
    const STEP = 2 ** -6;
    const targets = tf.tensor1d([1, 0, 2], 'int32');
    const weights = tf.tensor1d([1, 0.25, 0]);
    const losses: Record<string, (x: tf.Tensor) => tf.Scalar> = {
      crossEntropy: (x) => meanOf(crossEntropy(x as tf.Tensor2D, targets, weights), 1.25),
      diffusionLoss: (x) => meanOf(diffusionLoss(x, tf.ones([3, 3]), weights), 6),
    };
    const x = tf.tensor2d([0.3, -1.2, 0.7, 1.1, 0.2, -0.5, -0.9, 0.4, 0.6], [3, 3]);
    for (const [name, lossOf] of Object.entries(losses)) {
      const gradient = tf.grad(lossOf)(x).dataSync();
      const differences = Array.from({ length: 9 }, (_, i) => {
        const unit = tf
          .oneHot(tf.tensor1d([i], 'int32'), 9)
          .reshape([3, 3])
          .mul(STEP);
        return (valueOf(lossOf(x.add(unit))) - valueOf(lossOf(x.sub(unit)))) / (2 * STEP);
      });
      expectClose(gradient, differences, { absolute: 1e-3 }, name);
    }
  });

  it('the joint loss adds λ times the mean of each part', () => {
    const part = (sum: number, count: number, weight: number) => ({
      sum: tf.scalar(sum),
      count: tf.scalar(count),
      weight,
    });
    expectClose([valueOf(jointLoss([part(6, 3, 1), part(8, 16, 5)]))], [2 + 5 / 2], close);
    // A weight that comes with the batch.
    const late = { ...part(8, 16, 0), weight: tf.scalar(5) };
    expectClose([valueOf(jointLoss([part(6, 3, 1), late]))], [2 + 5 / 2], close);
    // A part that does not occur.
    expectClose([valueOf(jointLoss([part(6, 3, 1), part(0, 0, 5)]))], [2], close);
  });

  it('sums of micro-batches add up to that of the batch', () => {
    const logits = tf.tensor2d(
      Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [4, 3],
    );
    const targets = tf.tensor1d([0, 2, 1, 1], 'int32');
    const weights = tf.tensor1d([1, 1, 0, 1]);
    const rows = (start: number, size: number): tf.Scalar =>
      crossEntropy(
        logits.slice([start, 0], [size, 3]),
        targets.slice([start], [size]),
        weights.slice([start], [size]),
      );
    const parts = [rows(0, 1), rows(1, 3)];
    expectClose([valueOf(parts[0]) + valueOf(parts[1])], [valueOf(rows(0, 4))], close);
  });
});
