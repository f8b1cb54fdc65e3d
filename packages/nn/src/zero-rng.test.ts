import * as tf from '@transfusion/tfjs';
import { expect, test } from 'vitest';
import { initResidualBlock } from './layers/residual-block.js';
import { disposeParams, flattenParams } from './params.js';
import { createRng } from './rng.js';
import { zeroRng } from './zero-rng.js';

test('parameters of zeros have the shapes of sampled ones', async () => {
  await tf.setBackend('cpu');
  const [sampled, zero] = [createRng(1), zeroRng].map((rng) => initResidualBlock(rng, 4, 8, { timeDim: 6 }));
  const shapesOf = (params: typeof sampled) =>
    Object.entries(flattenParams(params)).map(([path, { shape, dtype }]) => [path, shape, dtype]);
  expect(shapesOf(zero)).toEqual(shapesOf(sampled));
  [sampled, zero].forEach(disposeParams);
});

test('all values are 0, forks included', () => {
  const fork = zeroRng.fork('a').fork(2);
  expect([...fork.normals(3), ...fork.uniforms(2), fork.uniform(), fork.uint32(), fork.integer(5)]).toEqual(
    new Array(8).fill(0),
  );
  expect([...fork.permutation(3)]).toEqual([0, 1, 2]);
});
