/** The trunk as it begins, with norms before and after its branches. */
import * as tf from '@transfusion/tfjs';
import { createRng, flattenParams, rmsNorm } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { transformerConfig } from './config.js';
import { attentionBias } from './mask.js';
import { initTrunk, trunk } from './trunk.js';

beforeAll(() => tf.setBackend('cpu'));

it('layers with post-norm begin as the identity, and have the parameters of those with pre-norm', () => {
  const sizes = { numLayers: 2, modelDim: 8, numHeads: 2, ffnDim: 12 };
  const [pre, post] = (['pre', 'post'] as const).map((normPosition) => {
    const config = transformerConfig({ ...sizes, normPosition });
    return { config, params: initTrunk(createRng(1), config, []) };
  });
  const shapesOf = ({ params }: typeof pre) =>
    Object.entries(flattenParams(params)).map(([path, { shape }]) => [path, shape]);
  expect(shapesOf(post)).toEqual(shapesOf(pre));
  const x = tf.randomNormal<tf.Rank.R3>([1, 3, 8], 0, 1, 'float32', 1);
  const inputs = {
    positions: tf.tensor2d([[0, 1, 2]], [1, 3], 'int32'),
    bias: attentionBias(tf.zeros([1, 3], 'int32'), tf.fill([1, 3], -1, 'int32')),
  };
  const unchanged = rmsNorm(pre.params.norm['tokens'], x).dataSync();
  expectClose(trunk(post.params, post.config, x, inputs).dataSync(), unchanged, { absolute: 1e-6 });
  const changed = trunk(pre.params, pre.config, x, inputs).dataSync();
  expect(Math.max(...changed.map((value, i) => Math.abs(value - unchanged[i])))).toBeGreaterThan(1e-5);
});
