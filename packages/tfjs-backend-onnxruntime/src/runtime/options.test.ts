import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { configureOnnxRuntime, type OnnxRuntimeOptions } from '../index.js';
import type { Subgraph } from '../graph/subgraph.js';
import { sessionOptions } from './executable.js';
import { onnxRuntimeOptions } from './options.js';

const defaults = onnxRuntimeOptions();

beforeAll(() => tf.setBackend('onnxruntime'));
afterEach(() => configureOnnxRuntime(defaults));

describe('configureOnnxRuntime', () => {
  it.each<[string, Partial<OnnxRuntimeOptions>]>([
    ['intraOpNumThreads', { intraOpNumThreads: 0 }],
    ['intraOpNumThreads', { intraOpNumThreads: 1.5 }],
    ['intraOpNumThreads', { intraOpNumThreads: 1e6 }],
    ['intraOpNumThreads', { intraOpNumThreads: NaN }],
    ['maxPooledBytes', { maxPooledBytes: -1 }],
    ['maxEagerPooledBytes', { maxEagerPooledBytes: 0.5 }],
    ['maxPendingNodes', { maxPendingNodes: 0 }],
    ['allowSpinning', { allowSpinning: 0 as never }],
    ['executionProviders', { executionProviders: [] }],
    ['tpu', { executionProviders: ['tpu' as 'cpu'] }],
  ])('refuses %s out of range and changes nothing', (name, options) => {
    const before = onnxRuntimeOptions();
    let error: unknown;
    try {
      configureOnnxRuntime(options);
    } catch (caught) {
      error = caught;
    }
    expect(TransfusionError.isInstance(error) && error.code).toBe('invalid-argument');
    expect(String(error)).toContain(name);
    expect(onnxRuntimeOptions()).toEqual(before);
  });

  it('ignores undefined settings', () => {
    configureOnnxRuntime({ intraOpNumThreads: 1, maxPendingNodes: undefined });
    expect(onnxRuntimeOptions()).toEqual({ ...defaults, intraOpNumThreads: 1 });
  });

  it('takes effect on what is compiled from now on', () => {
    const product = (): number =>
      tf.tidy(
        () =>
          tf
            .ones([300, 300])
            .matMul(tf.ones([300, 300]))
            .sum()
            .dataSync()[0],
      );
    expect(product()).toBe(300 ** 3);
    configureOnnxRuntime({ intraOpNumThreads: 1 });
    expect(product()).toBe(300 ** 3);
    configureOnnxRuntime({ intraOpNumThreads: 2, maxPooledBytes: 0 });
    expect(product()).toBe(300 ** 3);
    configureOnnxRuntime({ allowSpinning: false });
    expect(product()).toBe(300 ** 3);
    const graph = { nodes: [] } as unknown as Subgraph;
    expect(sessionOptions(graph).extra).toEqual({ session: { intra_op: { allow_spinning: '0' } } });
  });
});
