import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { expect, it } from 'vitest';
import '../index.js';
import { isFallback } from '../kernels/fallback.js';

const differentiable = tf
  .getKernelsForBackend('onnxruntime')
  .map(({ kernelName }) => kernelName)
  .filter((kernelName) => !isFallback(kernelName) && tf.getGradient(kernelName) !== undefined);

/** The tables of gradients; each case fails by itself if it does not use the gradient it names. */
function tables(): string {
  const folder = new URL('.', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .filter((text) => text.includes('checkGradients('))
    .join('\n');
}

it('every graph kernel with a gradient is checked', () => {
  const text = tables();
  expect(differentiable.length).toBeGreaterThan(80);
  expect(differentiable.filter((kernelName) => !text.includes(`'${kernelName}'`))).toEqual([]);
});
