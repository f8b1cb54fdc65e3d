import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));

/** Runs a function in jit on one vector and returns the error that it must throw. */
function errorOf(body: (x: tf.Tensor1D) => unknown): TransfusionError {
  const step = jit(body, { name: 'step' });
  try {
    tf.tidy(() => {
      step(tf.tensor1d([3, 1, 2]));
    });
  } catch (error) {
    if (TransfusionError.isInstance(error)) return error;
    throw error;
  } finally {
    step.dispose();
  }
  throw new Error('nothing was thrown');
}

/** Made outside of jit. */
const SIGNAL = tf.complex([1, 2], [0, 1]);

type Case = readonly [op: string, body: (x: tf.Tensor1D) => unknown];

function rejects(code: TransfusionErrorCode, cases: readonly Case[]): void {
  it.each(cases.map(([op, body]) => ({ op, body })))('$op', ({ op, body }) => {
    const error = errorOf(body);
    expect(error.message).toContain('jit(step)');
    expect(error.message).toContain(op);
    expect(error.code).toBe(code);
  });
}

describe('reading a value inside jit', () => {
  rejects('read-in-jit', [
    ['dataSync', (x) => x.add(1).dataSync()],
    ['dataSync', (x) => x.dataSync()],
    ['arraySync', (x) => x.mul(2).arraySync()],
    ['print', (x) => x.print()],
    ['toString', (x) => x.toString()],
    ['bufferSync', (x) => x.bufferSync()],
    ['toString', (x) => tf.print(x)],
    ['toString', (x) => `${x.toString()}`],
    ['dataSync', (x) => tf.grad((y: tf.Tensor) => y.mul(y.sum().dataSync()[0]))(x)],
  ]);
});

describe('reading a value asynchronously inside jit', () => {
  it.each<Case>([
    ['data', (x) => x.add(1).data()],
    ['array', (x) => x.array()],
    ['buffer', (x) => x.buffer()],
    ['booleanMaskAsync', (x) => tf.booleanMaskAsync(x, x.greater(1))],
    ['whereAsync', (x) => tf.whereAsync(x.greater(1))],
    ['setdiff1dAsync', (x) => tf.setdiff1dAsync(x, x)],
    ['an async function', async (x) => x.add(1)],
  ])('%s', async (_name, body) => {
    expect(errorOf(body).code).toMatch(/invalid-argument|read-in-jit/);
    // The promise that nobody waits for must not end the process.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('generating random numbers inside jit', () => {
  rejects('random-in-jit', [
    ['tf.randomNormal', () => tf.randomNormal([2])],
    ['tf.randomUniform', () => tf.randomUniform([2])],
    ['tf.randomUniformInt', () => tf.randomUniformInt([2], 0, 5)],
    ['tf.randomStandardNormal', () => tf.randomStandardNormal([2])],
    ['tf.randomGamma', () => tf.randomGamma([2], 1)],
    ['tf.truncatedNormal', () => tf.truncatedNormal([2])],
    ['tf.rand', () => tf.rand([2], () => 0.5)],
    ['tf.dropout', (x) => tf.dropout(x, 0.5)],
    ['tf.dropout', (x) => tf.layers.dropout({ rate: 0.5 }).apply(x.expandDims(), { training: true })],
    [
      'tf.randomNormal',
      (x) => tf.layers.gaussianNoise({ stddev: 1 }).apply(x.expandDims(), { training: true }),
    ],
    ['tf.multinomial', (x) => tf.multinomial(x, 2)],
    ['tf.randomNormal', (x) => tf.grad((y: tf.Tensor) => y.mul(tf.randomNormal([3])))(x)],
  ]);
});

describe('kernels without ONNX form inside jit', () => {
  rejects('unsupported-in-jit', [
    ['tf.complex', (x) => tf.fft(tf.complex(x, x))],
    ['tf.rfft', (x) => tf.spectral.rfft(x)],
    ['tf.fft', () => tf.fft(SIGNAL)],
    ['Unique', (x) => tf.unique(x)],
    ['NonMaxSuppressionV3', (x) => tf.image.nonMaxSuppression(tf.zeros([3, 4]), x, 2)],
    [
      'StringNGrams',
      () =>
        tf.string.stringNGrams(
          tf.tensor1d(['a', 'b']),
          tf.tensor1d([0, 2], 'int32'),
          ' ',
          [2],
          '',
          '',
          0,
          false,
        ),
    ],
    ['StringToHashBucketFast', () => tf.string.stringToHashBucketFast(tf.tensor1d(['a']), 3)],
    ['StaticRegexReplace', () => tf.string.staticRegexReplace(tf.tensor1d(['a']), 'a', 'b')],
  ]);
});

describe('what cannot leave or enter a compiled function', () => {
  rejects('invalid-argument', [
    ['string', () => tf.tensor1d(['a'])],
    ['complex64', () => SIGNAL],
    ['function', () => () => 1],
    ['Map', () => new Map()],
  ]);

  it('a string argument', () => {
    const step = jit((x: tf.Tensor) => x, { name: 'step' });
    expect(() => step(tf.tensor1d(['a']))).toThrow(/jit\(step\) arguments.*string/);
  });

  it('a class instance among the arguments', () => {
    const step = jit((x: unknown) => x, { name: 'step' });
    expect(() => step({ nested: [new Date()] })).toThrow(/jit\(step\).*nested\[0\].*Date/);
  });
});

it('a rejected function leaves nothing behind', () => {
  const before = tf.memory();
  for (const body of [
    (x: tf.Tensor) => x.add(1).dataSync(),
    (x: tf.Tensor) => x.mul(tf.randomNormal([3])),
    (x: tf.Tensor) => tf.unique(x.as1D()),
  ]) {
    const step = jit(body as (x: tf.Tensor) => unknown);
    const x = tf.tensor1d([1, 2, 3]);
    expect(() => step(x)).toThrow();
    expect(tf.tidy(() => x.add(1).arraySync())).toEqual([2, 3, 4]);
    x.dispose();
  }
  expect(tf.memory().numTensors - before.numTensors).toBe(0);
  expect(tf.memory().numDataBuffers - before.numDataBuffers).toBe(0);
});

it('a function that throws by itself passes its error on, and can be called again', () => {
  let fails = true;
  const step = jit((x: tf.Tensor) => {
    if (fails) throw new TypeError('not today');
    return x.add(1);
  });
  const x = tf.tensor1d([1]);
  expect(() => step(x)).toThrow(TypeError);
  fails = false;
  expect(step(x).arraySync()).toEqual([2]);
});
