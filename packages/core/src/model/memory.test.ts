import * as tf from '@transfusion/tfjs';
import { countParams, createRng } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
import { toyShape } from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import { transformerConfig, type TransformerOptions } from '../trunk/config.js';
import { estimateMemory } from './memory.js';

beforeAll(() => tf.setBackend('cpu'));

it('holds the state twice, and every parameter is counted', () => {
  const before = tf.memory().numTensors;
  const model = toyModel({ weights: 'per-modality', qkNorm: true });
  const memory = estimateMemory(model, toyShape(2, 16, 1));
  expect(tf.memory().numTensors).toBe(before);
  expect(memory.parameters).toBe(4 * countParams(model.init(createRng(1))));
  expect(memory.optimizerState).toBe(2 * memory.parameters);
  expect(memory.stateCopy).toBe(4 * memory.parameters);
  const { total, ...parts } = memory;
  expect(total).toBe(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0));
});

it('grows as it should', () => {
  const sizes: TransformerOptions = { numLayers: 4, modelDim: 64, numHeads: 4 };
  const activations = (changes: Partial<TransformerOptions>, rows = 4, length = 256): number => {
    const model = toyModel(transformerConfig({ ...sizes, ...changes }));
    return estimateMemory(model, toyShape(rows, length, 0)).activations;
  };
  const base = activations({});
  expect(activations({}, 8)).toBe(2 * base);
  // The attention weights and the mask: 4 bytes x (4 layers + 1) x 4 rows x 4 more heads x 256 x 256
  // positions.
  expect(activations({ numHeads: 8 }) - base).toBe(4 * (4 + 1) * 4 * 4 * 256 * 256);
  expect(activations({ numKvHeads: 1 })).toBeLessThan(base);
  expect(activations({ qkNorm: true })).toBeGreaterThan(base);
  expect(activations({}, 2, 512)).toBeGreaterThan(base);
});
