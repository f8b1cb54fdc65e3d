import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { expect, it } from 'vitest';
import '../index.js';
import { isFallback } from './fallback.js';

/** Every kernel that is a graph, whoever registers it. */
const graphKernels = tf
  .getKernelsForBackend('onnxruntime')
  .map(({ kernelName }) => kernelName)
  .filter((kernelName) => !isFallback(kernelName));

/** The tables of properties; each property fails by itself if it does not call its kernel. */
function tables(): string {
  const folder = new URL('.', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .filter((text) => text.includes('checkKernelProperties('))
    .join('\n');
}

it('every graph kernel has a property', () => {
  const text = tables();
  expect(graphKernels.length).toBeGreaterThan(100);
  expect(graphKernels.filter((kernelName) => !text.includes(`'${kernelName}'`))).toEqual([]);
});
