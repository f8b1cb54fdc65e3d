import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import '../index.js';
import type { OnnxRuntimeBackend } from './backend.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(async () => {
  await tf.setBackend('onnxruntime');
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const backend = (): OnnxRuntimeBackend => tf.backend() as OnnxRuntimeBackend;

describe('tf.memory', () => {
  it('counts tensors, data and bytes, and is reliable', () => {
    const before = tf.memory();
    const a = tf.zeros([10, 10]);
    const b = a.reshape([100]);
    const c = tf.tensor1d([true, false], 'bool');
    const d = tf.add(a, 1);
    const after = tf.memory();
    expect(after.unreliable).toBe(false);
    expect(after.numTensors - before.numTensors).toBe(4);
    expect(after.numDataBuffers - before.numDataBuffers).toBe(3);
    expect(after.numBytes - before.numBytes).toBe(400 + 400 + 2 + 400);
    tf.dispose([a, b, c, d]);
    expect(tf.memory()).toEqual(before);
  });

  it('does not change when what waits is computed', () => {
    const x = tf.ones([5]);
    const y = tf.tidy(() => x.add(1).mul(2).sub(3));
    const before = tf.memory();
    y.dataSync();
    expect(tf.memory()).toEqual(before);
  });

  it('is the same as on cpu', () => {
    const counts = ['cpu', 'onnxruntime'].map((name) => {
      void tf.setBackend(name);
      const before = tf.memory();
      const x = tf.randomUniform([4, 6]);
      const parts = tf.split(x, 2, 1);
      const joined = tf.concat(parts, 0);
      const kept = tf.tidy(() => [tf.keep(joined.exp()), joined.matMul(x.slice([0, 0], [3, 6]))]);
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      kept.forEach((t) => t.dispose());
      return [
        numTensors - before.numTensors,
        numDataBuffers - before.numDataBuffers,
        numBytes - before.numBytes,
      ];
    });
    expect(counts[1]).toEqual(counts[0]);
  });
});

describe('tidy, keep and dispose', () => {
  it('free what a tidy does not return', () => {
    const x = tf.ones([3]);
    const before = tf.memory();
    const y = tf.tidy(() => {
      const squares = x.square();
      return { sum: squares.sum(), twice: [squares.mul(2)] };
    });
    expect(tf.memory().numTensors).toBe(before.numTensors + 2);
    expect(y.sum.arraySync()).toBe(3);
    expect(y.twice[0].arraySync()).toEqual([2, 2, 2]);
    tf.dispose(y);
    expect(tf.memory()).toEqual(before);
  });

  it('keep what is kept, though nobody has read it yet', () => {
    let kept: tf.Tensor | undefined;
    tf.tidy(() => {
      kept = tf.keep(tf.ones([2]).add(tf.ones([2])));
    });
    for (let i = 0; i < 5; i++) tf.tidy(() => tf.ones([2]).mul(9).dataSync());
    expect(kept!.arraySync()).toEqual([2, 2]);
    kept!.dispose();
  });

  it('let a result outlive what it was made from', () => {
    const y = tf.tidy(() => {
      const a = tf.fill([50], 2);
      const b = a.mul(3);
      a.dispose();
      const c = b.add(1);
      b.dispose();
      return c;
    });
    for (let i = 0; i < 5; i++) tf.tidy(() => tf.fill([50], 1).mul(9).dataSync());
    expect(y.dataSync()[49]).toBe(7);
  });

  it('let views outlive one another', () => {
    const x = tf.ones([4]).mul(5);
    const views = [x.reshape([2, 2]), x.clone(), x.expandDims(), x.flatten()];
    x.dispose();
    views[0].dispose();
    expect(views.slice(1).map((t) => t.dataSync()[3])).toEqual([5, 5, 5]);
    tf.dispose(views);
  });

  it('compute nothing that was disposed of before anybody read it', () => {
    const x = tf.ones([3]);
    x.add(1).dispose();
    expect((backend().lazy as unknown as { pending: Set<unknown> }).pending.size).toBe(0);
  });

  it('refuse what was disposed of, by name of the op', () => {
    const x = tf.ones([2]);
    x.dispose();
    expect(() => x.dataSync()).toThrow(/disposed/);
    expect(() => tf.add(x, 1)).toThrow(/disposed/);
    expect(() => tf.sin(x)).toThrow(/disposed/);
    expect(() => x.dispose()).not.toThrow();
  });
});

describe('variables', () => {
  it('are assigned and read', () => {
    const w = tf.variable(tf.zeros([2]));
    tf.tidy(() => w.assign(w.add([1, 2])));
    const before = tf.memory();
    for (let i = 0; i < 9; i++) tf.tidy(() => w.assign(w.add([1, 2])));
    expect(tf.memory()).toEqual(before);
    expect(w.arraySync()).toEqual([10, 20]);
  });

  it('keep their old value in what was made from it', () => {
    const w = tf.variable(tf.scalar(3));
    const before = w.mul(10);
    w.assign(tf.scalar(4));
    expect([before.arraySync(), w.mul(10).arraySync()]).toEqual([30, 40]);
  });

  it('keep their type and shape', () => {
    const w = tf.variable(tf.zeros([2]), true, 'weight');
    expect(() => w.assign(tf.zeros([3]) as unknown as tf.Tensor<tf.Rank.R1>)).toThrow(/shape/);
    expect(() => w.assign(tf.zeros([2], 'int32'))).toThrow(/dtype/);
  });
});

describe('the memory of disposed tensors', () => {
  it('is used again', () => {
    const buffers = new Set<unknown>();
    for (let i = 0; i < 20; i++) {
      tf.tidy(() => {
        const y = tf.fill([12_345], i).add(1);
        const { value } = (
          backend() as unknown as {
            data: { get(id: object): { value: { buffer: { array: Float32Array } | null } } };
          }
        ).data.get(y.dataId);
        backend().lazy.flush();
        buffers.add(value.buffer!.array.buffer);
      });
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
  });

  it('is not used again where somebody holds an array of it', () => {
    const held: Float32Array[] = [];
    for (let i = 0; i < 20; i++) held.push(tf.tidy(() => tf.fill([777], i).add(0.5).dataSync<'float32'>()));
    held.forEach((array, i) => expect([array[0], array[776]]).toEqual([i + 0.5, i + 0.5]));
  });

  it('is not used again before what waits has read it', () => {
    const results: tf.Tensor[] = [];
    for (let i = 0; i < 30; i++) {
      const x = tf.tensor1d(new Float32Array(333).fill(i));
      results.push(x.add(0.25));
      x.dispose(); // its memory is needed until the sum is computed
      const other = tf.tensor1d(new Float32Array(333).fill(-1));
      other.dispose();
    }
    results.forEach((t, i) => expect(t.dataSync()[332]).toBe(i + 0.25));
  });
});

it('random programs give the same as on cpu, whatever is disposed of and read in between', () => {
  const run = (name: string, seed: number): number[] => {
    void tf.setBackend(name);
    let state = seed;
    const random = (n: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % n;
    };
    const live: tf.Tensor[] = [tf.linspace(-1, 1, 32)];
    const read: number[] = [];
    const held: { array: ArrayLike<number>; copy: number[] }[] = [];
    for (let i = 0; i < 150; i++) {
      const a = live[random(live.length)];
      const b = live[random(live.length)];
      switch (random(7)) {
        case 0:
          live.push(a.add(b).tanh());
          break;
        case 1:
          live.push(tf.tidy(() => a.mul(b).sub(a.mean())));
          break;
        case 2:
          live.push(a.reshape([8, 4]).transpose().reshape([32]));
          break;
        case 3:
          live.push(tf.tensor1d(new Float32Array(32).fill(random(100) / 50 - 1)));
          break;
        case 4:
          if (live.length > 3) live.splice(random(live.length), 1)[0].dispose();
          break;
        case 5: {
          const array = a.dataSync();
          read.push(array[5], array[31]);
          held.push({ array, copy: [...array] });
          break;
        }
        case 6:
          live.push(a.clone());
          break;
      }
    }
    for (const { array, copy } of held) expect([...Array.from(array)]).toEqual(copy);
    live.forEach((t) => read.push(...t.dataSync()));
    tf.dispose(live);
    return read;
  };
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const expected = run('cpu', seed);
    const actual = run('onnxruntime', seed);
    expect(actual.length).toBe(expected.length);
    actual.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-5));
  }
});
