import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(async () => {
  await tf.setBackend('onnxruntime');
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  vi.restoreAllMocks();
});

describe('input data', () => {
  it('is copied: a program may change its array afterwards', () => {
    const array = Float32Array.of(1, 2, 3);
    const x = tf.tensor1d(array);
    const y = x.add(1);
    array.fill(99);
    expect(x.arraySync()).toEqual([1, 2, 3]);
    expect(y.arraySync()).toEqual([2, 3, 4]);
  });

  it('may lie anywhere in a larger buffer, or in shared memory', () => {
    const whole = Float32Array.of(0, 1, 2, 3, 4);
    expect(tf.tensor1d(whole.subarray(1, 4)).add(1).arraySync()).toEqual([2, 3, 4]);
    const shared = new Float32Array(new SharedArrayBuffer(12));
    shared.set([5, 6, 7]);
    expect(tf.tensor1d(shared).mul(2).arraySync()).toEqual([10, 12, 14]);
  });

  it('may be bytes, numbers, booleans and nested arrays', () => {
    expect(tf.tensor1d(Uint8Array.of(1, 255)).arraySync()).toEqual([1, 255]);
    expect(
      tf
        .tensor2d(
          [
            [1, 2],
            [3, 4],
          ],
          undefined,
          'int32',
        )
        .add(tf.scalar(1, 'int32'))
        .arraySync(),
    ).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(tf.tensor1d([true, false]).logicalNot().arraySync()).toEqual([0, 1]);
    expect(tf.scalar(true).dtype).toBe('bool');
    expect(tf.tensor1d([2 ** 31 - 1, -(2 ** 31)], 'int32').arraySync()).toEqual([2 ** 31 - 1, -(2 ** 31)]);
  });

  it('round-trips, strings and complex numbers included', () => {
    expect(tf.tensor1d(['a', 'größer', '']).arraySync()).toEqual(['a', 'größer', '']);
    expect(tf.tensor2d(['a', 'b'], [2, 1]).reshape([2]).arraySync()).toEqual(['a', 'b']);
    const z = tf.complex([1, 2], [3, 4]);
    expect([...z.dataSync()]).toEqual([1, 3, 2, 4]);
    expect(tf.real(z).arraySync()).toEqual([1, 2]);
    expect(tf.imag(z).add(1).arraySync()).toEqual([4, 5]);
    expect([...tf.mul(z, z).dataSync()]).toEqual([-8, 6, -12, 16]);
  });

  it('may be a buffer that is written element by element', () => {
    const buffer = tf.buffer([2, 2]);
    buffer.set(5, 0, 1);
    const x = buffer.toTensor();
    buffer.set(9, 0, 0);
    expect(x.add(1).arraySync()).toEqual([
      [1, 6],
      [1, 1],
    ]);
  });
});

describe('output data', () => {
  it('has the right type', () => {
    expect(tf.ones([2]).add(1).dataSync()).toBeInstanceOf(Float32Array);
    expect(tf.ones([2], 'int32').add(tf.scalar(1, 'int32')).dataSync()).toBeInstanceOf(Int32Array);
    expect(tf.ones([2]).greater(0).dataSync()).toBeInstanceOf(Uint8Array);
  });

  it('is never overwritten', () => {
    const x = tf.fill([100], 1).add(1);
    const array = x.dataSync();
    x.dispose();
    for (let i = 0; i < 20; i++) tf.tidy(() => tf.fill([100], i).mul(3).dataSync());
    expect(new Set(array)).toEqual(new Set([2]));
  });

  it('is also read asynchronously', async () => {
    const x = tf.ones([2, 2]).add(1);
    expect([...(await x.data())]).toEqual([2, 2, 2, 2]);
    expect(await x.array()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect((await x.buffer()).get(1, 1)).toBe(2);
    expect(
      (await tf.booleanMaskAsync(tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 0, 1], 'bool'))).arraySync(),
    ).toEqual([1, 3]);
    expect((await tf.whereAsync(tf.tensor1d([0, 1, 1], 'bool'))).arraySync()).toEqual([[1], [2]]);
  });

  it('prints', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    tf.ones([2]).add(1).print();
    expect(String(log.mock.calls[0][0])).toContain('[2, 2]');
  });
});

describe('tensors of several backends', () => {
  it('move to where they are used', async () => {
    await tf.setBackend('cpu');
    const onCpu = tf.tensor1d([1, 2]);
    await tf.setBackend('onnxruntime');
    const here = tf.tensor1d([10, 20]);
    expect(tf.add(onCpu, here).arraySync()).toEqual([11, 22]);
    const sum = onCpu.add(here);
    await tf.setBackend('cpu');
    expect(tf.mul(sum, 2).arraySync()).toEqual([22, 44]);
    expect(here.arraySync()).toEqual([10, 20]);
    await tf.setBackend('onnxruntime');
    expect(sum.add(onCpu).arraySync()).toEqual([12, 24]);
  });

  it('of every type but complex64, which cpu cannot take, move there and back', async () => {
    const values = [
      tf.tensor1d([1.5, -2]).mul(2),
      tf.tensor1d([1, 2], 'int32'),
      tf.tensor1d([1, 0], 'bool'),
      tf.tensor1d(['a', 'b']),
      tf.zeros([0, 3]),
    ];
    const before = values.map((t) => [...t.dataSync()]);
    await tf.setBackend('cpu');
    const copies = values.map((t) => tf.clone(t));
    expect(copies.map((t) => [...t.dataSync()])).toEqual(before);
    expect(tf.add(copies[0], 1).arraySync()).toEqual([4, -3]);
    await tf.setBackend('onnxruntime');
    expect(values.map((t) => [...t.dataSync()])).toEqual(before);
    expect(tf.add(copies[0], 1).arraySync()).toEqual([4, -3]);
  });

  it('of type complex64 come here', async () => {
    await tf.setBackend('cpu');
    const z = tf.complex([1, 2], [3, 4]);
    await tf.setBackend('onnxruntime');
    expect([...z.dataSync()]).toEqual([1, 3, 2, 4]);
    expect(tf.imag(z).add(1).arraySync()).toEqual([4, 5]);
    z.dispose();
  });

  it('are freed wherever they are', async () => {
    const before = tf.memory().numTensors;
    await tf.setBackend('cpu');
    const x = tf.ones([3]);
    await tf.setBackend('onnxruntime');
    const y = x.add(1);
    await tf.setBackend('cpu');
    const z = y.add(1);
    tf.dispose([x, y, z]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('kernels without ONNX form', () => {
  it('compute in JavaScript, and warn once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (let i = 0; i < 3; i++) {
      expect(tf.unique(tf.tensor1d([1, 1, 2]).mul(2)).values.arraySync()).toEqual([2, 4]);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0][0])).toContain('Unique');
  });

  it('leave nothing behind', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const x = tf.tensor1d([1, 2, 3, 4]).add(0);
    const before = tf.memory();
    const ids = tf.engine().findBackend('cpu').numDataIds();
    tf.tidy(() => {
      tf.unique(x.as1D());
      tf.fft(tf.complex(x, x)).dataSync();
      tf.multinomial(x.as1D(), 2);
    });
    expect(tf.memory()).toEqual(before);
    expect(tf.engine().findBackend('cpu').numDataIds()).toBe(ids);
  });
});

it('time and profile work', async () => {
  const x = tf.ones([64, 64]);
  const time = await tf.time(() => x.matMul(x).dataSync());
  expect(time.kernelMs).toBeGreaterThanOrEqual(0);
  const profile = await tf.profile(() => x.add(1).sum());
  expect(profile.kernelNames).toEqual(expect.arrayContaining(['Add', 'Sum']));
});
