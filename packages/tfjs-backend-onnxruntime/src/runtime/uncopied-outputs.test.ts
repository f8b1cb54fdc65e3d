import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { jit } from '../index.js';
import { isSequenceError, isCopyExpensive, SEQUENCE_OUTPUT, withSequenceOutput } from './uncopied-outputs.js';
import { createNativeSession } from './ort-binding.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const SIZE = 1_000_000;

test('large results are right, compiled and lazy, and nothing is allocated for them again', () => {
  const increment = jit((x: tf.Tensor) => ({ next: x.add(1), total: x.sum() }), { donate: [0] });
  let x: tf.Tensor = tf.zeros([SIZE]);
  const step = (): number => {
    const { next, total } = increment(x);
    const [sum] = total.dataSync();
    total.dispose();
    x = next;
    return sum;
  };
  step();
  step();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 2; i < 20; i++) expect(step()).toBe(i * SIZE);
  // Copies would be 72 MB by now.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
  expect(x.dataSync().every((value) => value === 20)).toBe(true);
  expect(x.mul(2).dataSync()[SIZE - 1]).toBe(40);
  x.dispose();
  increment.dispose();
});

test('a failed run throws, with large results or not', () => {
  for (const size of [4, SIZE]) {
    const positions = tf.tensor1d([size + 5], 'int32');
    const scattered = (): unknown =>
      tf
        .scatterND(positions.reshape([1, 1]), tf.tensor1d([1]), [size])
        .add(tf.ones([size]))
        .dataSync();
    expect(scattered).toThrow();
  }
});

test('the binding rejects the sequence after it has computed the rest', () => {
  expect(isCopyExpensive([{ shape: [10] }])).toBe(false);
  expect(isCopyExpensive([{ shape: [] }, { shape: [300, 300] }])).toBe(true);
  const square = jit((x: tf.Tensor) => x.square());
  const session = createNativeSession(withSequenceOutput(square.lower(tf.zeros([3])).onnx), {});
  const { inputMetadata, outputMetadata } = session;
  expect(outputMetadata[0].name).toBe(SEQUENCE_OUTPUT);
  const tensor = (data: Float32Array) => ({ type: 'float32', dims: [3], data, location: 'cpu' }) as const;
  const result = new Float32Array(3);
  let thrown: unknown;
  try {
    session.run(
      { [inputMetadata[0].name]: tensor(Float32Array.of(1, 2, 3)) },
      { [SEQUENCE_OUTPUT]: null, [outputMetadata[1].name]: tensor(result) },
      {},
    );
  } catch (error) {
    thrown = error;
  }
  expect(isSequenceError(thrown)).toBe(true);
  expect([...result]).toEqual([1, 4, 9]);
});
