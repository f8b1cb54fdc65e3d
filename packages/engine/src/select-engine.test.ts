import * as tf from '@transfusion/tfjs';
import { describe, expect, it } from 'vitest';
import { selectEngine, type EngineName } from './select-engine.js';
import { TransfusionError } from '@transfusion/errors';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';

const engines: EngineName[] = ['onnxruntime', 'cpu', 'wasm'];

describe('selectEngine', () => {
  it.each(engines)('makes %s the active backend, and jit works there', async (name) => {
    const selected = await selectEngine(name);
    expect(selected).toMatchObject({ name, backend: name });
    expect(tf.getBackend()).toBe(name);
    const scaled = jit((x: tf.Tensor, by: number) => ({ y: tf.mul(x, by) }));
    expect([...scaled(tf.tensor1d([1, 2]), 3).y.dataSync()]).toEqual([3, 6]);
  });

  it('selects the fastest available and reports it', async () => {
    const selected = await selectEngine();
    expect(selected.description).toContain(selected.name);
    expect(['onnxruntime', 'tensorflow-gpu']).toContain(selected.name);
  });

  it('reports how to install a missing package', async () => {
    const error = await selectEngine('tensorflow-gpu').catch((e: unknown) => e);
    if (!TransfusionError.isInstance(error)) return expect(tf.getBackend()).toBe('tensorflow');
    expect(error.code).toBe('engine-missing');
    expect(error.message).toContain('npm install @tensorflow/tfjs-node-gpu@');
  });

  it('refuses unknown names', async () => {
    await expect(selectEngine('opencl' as EngineName)).rejects.toThrow(
      /unknown engine 'opencl', expected one of auto, /,
    );
  });
});
