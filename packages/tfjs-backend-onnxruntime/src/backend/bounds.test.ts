import { readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { configureOnnxRuntime, jit } from '../index.js';
import { BufferPool } from '../runtime/buffer-pool.js';
import { onnxRuntimeOptions } from '../runtime/options.js';
import { Executable } from '../runtime/executable.js';

beforeAll(async () => void (await tf.setBackend('onnxruntime')));

function nativeThreads(): number {
  return Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}

describe('lazy execution is bounded', () => {
  it('in memory, when a running sum is never read', () => {
    const before = process.memoryUsage().rss;
    let total: tf.Tensor = tf.scalar(0);
    for (let i = 0; i < 200; i++) {
      const next = tf.tidy(() => tf.add(total, tf.sum(tf.fill([1024, 1024], 1).add(tf.zeros([1024, 1024])))));
      total.dispose();
      total = next;
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
    expect(total.dataSync()[0]).toBe(200 * 1024 * 1024);
  });

  it('in memory, when every step has new shapes', () => {
    const options = onnxRuntimeOptions();
    expect(options.maxEagerPooledBytes).toBe(256 * 2 ** 20);
    configureOnnxRuntime({ maxEagerPooledBytes: 2 ** 24 });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 150; i++) {
      // 4 MB of sizes that are never requested again.
      tf.dispose([tf.tensor1d(new Float32Array(500_000 + i)), tf.tensor1d(new Float32Array(499_000 - i))]);
    }
    const held = process.memoryUsage().arrayBuffers - before;
    configureOnnxRuntime(options);
    expect(held).toBeLessThan(150e6);
  });

  // Other platforms do not report the native threads of a process.
  it.skipIf(process.platform !== 'linux')('in threads, however many graphs are compiled', () => {
    configureOnnxRuntime({ intraOpNumThreads: 8 });
    const before = nativeThreads();
    for (let i = 0; i < 40; i++) {
      tf.tidy(() => tf.matMul(tf.ones([100 + i, 64]), tf.ones([64, 64])).dataSync());
      jit((x: tf.Tensor) => tf.mul(x, i))(tf.scalar(i)).dispose();
    }
    expect(nativeThreads() - before).toBeLessThanOrEqual(16 * 7);
  });

  it('in compiled graphs, when only the start of a slice changes', () => {
    const load = vi.spyOn(Executable.prototype, 'run');
    const x = tf.range(0, 40);
    for (let i = 0; i < 40; i += 2) {
      expect(tf.tidy(() => tf.mul(tf.slice(x, [i], [2]), 2).dataSync()[0])).toBe(2 * i);
    }
    expect(new Set(load.mock.contexts).size).toBe(1);
    load.mockRestore();
  });
});

describe('BufferPool', () => {
  it('keeps sizes in use when it is full', () => {
    const pool = new BufferPool(() => ({ maxPooledBytes: 3000, maxEagerPooledBytes: 3000 }));
    const take = (count: number) => Array.from({ length: count }, () => pool.allocate('uint8', 1000));
    const first = take(5);
    first.forEach((buffer) => pool.release(buffer));
    const known = new Set(first.map(({ array }) => array.buffer));
    expect(take(5).filter(({ array }) => known.has(array.buffer)).length).toBe(3);
  });
});
