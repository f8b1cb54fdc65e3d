import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configureOnnxRuntime } from '../index.js';
import { onnxRuntimeOptions } from '../runtime/options.js';
import type { OnnxRuntimeBackend } from './backend.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** Internals of the lazy executor that these tests inspect. */
function lazy(): { recordedNodes: number; pending: Set<unknown>; cache: Map<string, unknown> } {
  return (tf.backend() as OnnxRuntimeBackend).lazy as unknown as ReturnType<typeof lazy>;
}

describe('recorded operations', () => {
  it('wait until a value is read', () => {
    const x = tf.ones([3]);
    x.dataSync();
    const y = x.add(1).mul(2);
    expect(lazy().pending.size).toBeGreaterThan(0);
    expect(y.arraySync()).toEqual([4, 4, 4]);
    expect(lazy().pending.size).toBe(0);
  });

  it('stay bounded in a long chain that nobody reads', () => {
    let x: tf.Tensor = tf.zeros([4]);
    let most = 0;
    for (let i = 0; i < 10_000; i++) {
      const next = x.add(1);
      x.dispose();
      x = next;
      most = Math.max(most, lazy().recordedNodes);
    }
    expect(most).toBeLessThanOrEqual(onnxRuntimeOptions().maxPendingNodes + 10);
    expect(x.arraySync()).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  it('stay bounded in a tidy with many tensors alive', () => {
    const before = onnxRuntimeOptions();
    configureOnnxRuntime({ maxPendingNodes: 100 });
    const sum = tf.tidy(() => {
      const terms: tf.Tensor[] = [];
      for (let i = 0; i < 500; i++) terms.push(tf.scalar(i).mul(2));
      return tf.addN(terms.map((t) => t.add(1)));
    });
    expect(sum.arraySync()).toBe(500 * 499 + 500);
    configureOnnxRuntime(before);
  });

  it('of equal structure are compiled once', () => {
    const step = (x: tf.Tensor): number => tf.tidy(() => x.add(1).relu().sum().dataSync()[0]);
    const xs = [1, 2, 3].map((value) => tf.fill([2, 17], value).mul(1));
    xs.forEach((x) => x.dataSync());
    step(xs[0]);
    const size = lazy().cache.size;
    for (const x of xs) for (let i = 0; i < 5; i++) step(x);
    expect(lazy().cache.size).toBe(size);
    step(tf.ones([3, 17]));
    expect(lazy().cache.size).toBe(size + 1);
  });

  it('are evicted from a full cache', () => {
    for (let i = 1; i <= 300; i++) tf.tidy(() => tf.zeros([i]).add(1).dataSync());
    expect(lazy().cache.size).toBeLessThanOrEqual(256);
    expect(tf.zeros([1]).add(1).arraySync()).toEqual([1]);
  });

  it('are computed with new settings once these change', () => {
    const before = onnxRuntimeOptions();
    const step = (): unknown => tf.tidy(() => tf.ones([7]).add(1).arraySync());
    const expected = step();
    configureOnnxRuntime({ intraOpNumThreads: 1, maxPendingNodes: 3 });
    expect(step()).toEqual(expected);
    const y = tf.tidy(() => tf.ones([2]).add(1).add(1).add(1).add(1).add(1));
    expect(y.arraySync()).toEqual([6, 6]);
    configureOnnxRuntime(before);
  });

  it('that depend on computed values start from them', () => {
    const x = tf.ones([2]).add(1);
    const y = x.mul(3);
    expect(x.arraySync()).toEqual([2, 2]);
    const z = y.add(x);
    expect(z.arraySync()).toEqual([8, 8]);
    expect(y.arraySync()).toEqual([6, 6]);
  });
});

describe('an operation that fails when it is computed', () => {
  /** Indices that are unknown when the op is called, and out of range. */
  const failing = (): tf.Tensor =>
    tf.gather(tf.ones([2]), tf.tensor1d([4], 'int32').add(tf.scalar(1, 'int32')));

  it('reports its kernel and its node, each time it is read', () => {
    const bad = failing();
    for (let i = 0; i < 3; i++) {
      expect(() => bad.dataSync()).toThrow(
        /GatherV2 \(ONNX node GatherV2\/Gather_\d+, operator Gather\).*5/s,
      );
    }
  });

  it('leaves others alone', () => {
    const before = tf.ones([2]).add(1);
    const bad = failing();
    const after = tf.ones([2]).mul(3);
    expect(after.arraySync()).toEqual([3, 3]);
    expect(before.arraySync()).toEqual([2, 2]);
    for (let i = 0; i < 3000; i++) tf.tidy(() => after.add(1));
    expect(tf.add(after, 1).arraySync()).toEqual([4, 4]);
    expect(() => bad.dataSync()).toThrow(/GatherV2/);
  });

  it('passes its error to dependent values', () => {
    const bad = failing();
    const worse = bad.add(1);
    expect(() => worse.dataSync()).toThrow(/GatherV2/);
    expect(() => bad.mul(2).dataSync()).toThrow(/GatherV2/);
    expect(() => bad.dataSync()).toThrow(/GatherV2/);
  });

  it('leaves no error behind once it is disposed of', () => {
    failing().dispose();
    expect(tf.ones([1]).add(1).arraySync()).toEqual([2]);
  });
});
