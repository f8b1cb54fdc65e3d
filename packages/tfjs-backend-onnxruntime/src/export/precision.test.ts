/** Files with weights in fewer bits, in a plain session. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportDynamicOnnx, exportOnnx, type ExportedModel, type WeightPrecision } from '../index.js';
import { runBare } from '../testing-internals/run-bare.js';

let folder: string;

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  folder = mkdtempSync(join(tmpdir(), 'precision-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const normal = (shape: number[], seed: number, deviation = 1): tf.Tensor =>
  tf.randomNormal(shape, 0, deviation, 'float32', seed);

/** Weights by their use, with output channels of very different sizes. */
const createParams = () => ({
  embedding: normal([128, 64], 1).mul(tf.linspace(0.01, 10, 128).reshape([128, 1])),
  queries: normal([64, 32], 2, 0.1).mul(tf.linspace(0.01, 10, 32)),
  keys: normal([64, 32], 3, 0.1).mul(tf.linspace(0.01, 10, 32)),
  left: normal([40, 64], 4, 0.1).mul(tf.linspace(0.01, 10, 40).reshape([40, 1])),
  filter: normal([3, 3, 4, 32], 5, 0.1).mul(tf.linspace(0.01, 10, 32)),
  spread: normal([3, 3, 32, 4], 6, 0.1).mul(tf.linspace(0.01, 10, 32).reshape([32, 1])),
  tiles: normal([2, 2, 64, 4], 6, 0.1).mul(tf.linspace(0.01, 10, 64).reshape([64, 1])),
  shift: normal([64, 64], 7),
  gain: normal([4096], 8),
  small: normal([32, 31], 9),
});
type Params = ReturnType<typeof createParams>;

/** Each output depends on one use of one weight. */
const network = (p: Params, { ids, hidden, image }: Record<'ids' | 'hidden' | 'image', tf.Tensor>) => {
  const x = hidden as tf.Tensor2D;
  const pixels = image as tf.Tensor4D;
  return {
    rows: tf.gather(p.embedding, ids as tf.Tensor1D),
    joined: tf.matMul(x, tf.concat([p.queries, p.keys], 1) as tf.Tensor2D),
    batched: tf.matMul(x.reshape([1, -1, 64]), p.queries.reshape([1, 64, 32])),
    tied: tf.matMul(x, p.embedding as tf.Tensor2D, false, true),
    multiplied: tf.matMul(p.left as tf.Tensor2D, x, false, true),
    // ONNX Runtime's Conv, and a product of windows.
    convolved: tf.conv2d(pixels, p.filter as tf.Tensor4D, 1, 'same'),
    windows: tf.conv2d(pixels.slice([0, 0, 0, 0], [-1, 4, 4, -1]), p.filter as tf.Tensor4D, 1, 'same'),
    // ConvTranspose, and a product.
    upsampled: tf.conv2dTranspose(pixels, p.spread as tf.Tensor4D, [1, 32, 32, 32], 2, 'same'),
    tiled: tf.conv2dTranspose(pixels, p.tiles as tf.Tensor4D, [1, 32, 32, 64], 2, 'same'),
    shifted: tf.matMul(p.shift.add(1) as tf.Tensor2D, tf.ones([64, 2])),
    gained: p.gain.mul(2),
    few: tf.matMul(p.small as tf.Tensor2D, tf.ones([31, 2])),
  };
};

/** Outputs of weights that are stored in fewer bits, and the axis of their channels. */
const CHANNELS = {
  rows: 0,
  joined: 1,
  batched: 2,
  tied: 1,
  multiplied: 0,
  convolved: 3,
  windows: 3,
  upsampled: 3,
  tiled: 3,
};

const inputs = {
  ids: { shape: ['length'], dtype: 'int32' },
  hidden: { shape: ['rows', 64] },
  image: { shape: [1, 16, 16, 4] },
} as const;

function exported(precision: WeightPrecision, params: Params): ExportedModel & { readonly path: string } {
  const path = join(folder, `${precision}.onnx`);
  return { ...exportDynamicOnnx(network, { name: 'network', inputs, params, precision, path }), path };
}

type Results = Awaited<ReturnType<typeof runBare>>;

/** Returns the largest error of a channel, in units of its largest element. */
function channelError(expected: Results[string], found: Results[string], axis: number): number {
  expect(found.dims).toEqual(expected.dims);
  const [a, b] = [expected.data as Float32Array, found.data as Float32Array];
  const inner = tf.util.sizeFromShape(expected.dims.slice(axis + 1));
  const largest = new Float64Array(expected.dims[axis]);
  const errors = new Float64Array(expected.dims[axis]);
  a.forEach((element, i) => {
    const channel = Math.floor(i / inner) % largest.length;
    largest[channel] = Math.max(largest[channel], Math.abs(element));
    errors[channel] = Math.max(errors[channel], Math.abs(b[i] - element));
  });
  return Math.max(...errors.map((error, channel) => error / largest[channel]));
}

it.each([
  ['half', 1e-3, 0.5],
  ['int8', 0.05, 0.25],
] as const)(
  '%s: every channel is within %f of single; weights of %f the size',
  async (precision, limit, share) => {
    const params = createParams();
    const feeds = {
      ids: tf.range(0, 128, 1, 'int32'),
      hidden: normal([99, 64], 10),
      image: normal([1, 16, 16, 4], 11),
    };
    const single = exported('single', params);
    const stored = exported(precision, params);
    const expected = await runBare(single.path, feeds);
    const found = await runBare(stored.path, feeds);
    for (const [name, axis] of Object.entries(CHANNELS)) {
      const error = channelError(expected[name], found[name], axis);
      expect(error, name).toBeLessThan(limit);
      expect(error, name).toBeGreaterThan(0);
    }
    for (const name of ['shifted', 'gained', 'few'])
      expect(found[name].data, name).toEqual(expected[name].data);

    const { shift, gain, small, ...large } = params;
    const bytes = 4 * Object.values(large).reduce((sum, { size }) => sum + size, 0);
    const saved = statSync(single.path).size - statSync(stored.path).size;
    expect(1 - saved / bytes).toBeLessThan(share + 0.04);
    expect(Buffer.from(stored.onnx).includes('embedding_scale')).toBe(precision === 'int8');
    expect(stored.inputs).toEqual(single.inputs);
    expect(stored.outputs).toEqual(single.outputs);
    tf.dispose([params, feeds]);
  },
);

it('keeps weights beyond the range of float16, and what is not finite', async () => {
  const x = tf.ones([1, 32]);
  const run = async (largest: number, precision: WeightPrecision): Promise<unknown> => {
    const path = join(folder, 'range.onnx');
    const weight = tf.buffer([32, 32], 'float32', new Float32Array(1024).fill(0.3));
    weight.set(largest, 0, 0);
    exportOnnx((w: tf.Tensor2D, input: tf.Tensor2D) => tf.matMul(input, w), [x], {
      params: weight.toTensor(),
      precision,
      path,
    });
    return (await runBare(path, { input0: x })).output.data;
  };
  for (const [largest, precision] of [
    [70_000, 'half'],
    [Infinity, 'half'],
    [-Infinity, 'int8'],
    [NaN, 'int8'],
  ] as const) {
    expect(await run(largest, precision)).toEqual(await run(largest, 'single'));
  }
  expect(await run(60_000, 'half')).not.toEqual(await run(60_000, 'single'));
});
