/** A whole training step: gradients, clipping, AdamW and EMA; compiled into one graph it does the same. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, expect, it } from 'vitest';
import { conv2d, initConv2d } from '../layers/conv2d.js';
import { embedding, initEmbedding } from '../layers/embedding.js';
import { initLinear, linear } from '../layers/linear.js';
import { groupNorm, initLayerNorm, initRmsNorm, rmsNorm } from '../layers/norms.js';
import { initSwiGlu, swiGlu } from '../layers/swiglu.js';
import { initTimestepEmbedding, timestepEmbedding } from '../layers/timestep-embedding.js';
import { flattenParams, mapParams, type Params } from '../params.js';
import { createRng } from '../rng.js';
import { expectClose } from '../testing-internals/expect-close.js';
import { tidied } from '../testing-internals/tidied.js';
import { adamW, type AdamWState } from './adam-w.js';
import { clipByGlobalNorm } from './clip-by-global-norm.js';
import { emaDecayAt, updateEma } from './ema.js';
import { warmupCosine } from './lr-schedules.js';
import { valueAndGrad } from './value-and-grad.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const D = 8;
const initModel = (seed: number) => {
  const rng = createRng(seed);
  return {
    tokens: initEmbedding(rng.fork('tokens'), 10, D, 0.5),
    conv: initConv2d(rng.fork('conv'), 2, D, 3),
    groups: initLayerNorm(D),
    time: initTimestepEmbedding(rng.fork('time'), D, { frequencyDim: 6, stddev: 0.5 }),
    norm: initRmsNorm(D),
    mlp: initSwiGlu(rng.fork('mlp'), D, 16, { stddev: 0.3 }),
    out: initLinear(rng.fork('out'), D, 1, { bias: true }),
    unused: tf.ones([2, 2]),
  };
};
type Model = ReturnType<typeof initModel>;
interface Batch {
  readonly ids: tf.Tensor;
  readonly images: tf.Tensor4D;
  readonly timesteps: tf.Tensor;
  readonly targets: tf.Tensor;
}
interface State {
  readonly params: Model;
  readonly optimizer: AdamWState;
  readonly ema: Model;
}

function forward(model: Model, { ids, images, timesteps }: Batch): tf.Tensor {
  const pixels = groupNorm(model.groups, conv2d(model.conv, images, 2), 2).mean([1, 2]);
  const h = embedding(model.tokens, ids).add(pixels).add(timestepEmbedding(model.time, timesteps));
  return linear(model.out, h.add(swiGlu(model.mlp, rmsNorm(model.norm, h))));
}

const optimizer = adamW();
const step = ({ params, optimizer: state, ema }: State, batch: Batch, rate: tf.Scalar, decay: tf.Scalar) => {
  const { loss, gradients } = valueAndGrad((model: Model) => {
    const error = forward(model, batch).sub(batch.targets);
    return { loss: error.square().mean() as tf.Scalar, aux: {} };
  }, params);
  const { clipped, norm } = clipByGlobalNorm(gradients, 1);
  const updated = optimizer.update(params, clipped, state, rate);
  return {
    loss,
    norm,
    state: { params: updated.params, optimizer: updated.state, ema: updateEma(ema, updated.params, decay) },
  };
};

it('eager and compiled agree, and learn', () => {
  const rng = createRng(1);
  const batch: Batch = {
    ids: tf.tensor1d([1, 2, 3, 9], 'int32'),
    images: tf.tensor4d(rng.normals(4 * 4 * 4 * 2), [4, 4, 4, 2]),
    timesteps: tf.tensor1d([1, 10, 100, 900]),
    targets: tf.tensor2d([[1], [-1], [0.5], [2]]),
  };
  const start = (): State => {
    const params = initModel(2);
    return { params, optimizer: optimizer.init(params), ema: mapParams(params, (tensor) => tensor.clone()) };
  };
  const compiled = jit(step, { donate: [0], name: 'step' });
  const lrAt = warmupCosine({ peak: 2e-2, warmupSteps: 3, totalSteps: 30 });
  let [a, b] = [start(), start()];
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const [rate, decay] = [tf.scalar(lrAt(i)), tf.scalar(emaDecayAt(i, 0.99))];
    const eager = tidied(() => step(a, batch, rate, decay));
    const fast = compiled(b, batch, rate, decay);
    [a, b] = [eager.state, fast.state];
    losses.push(fast.loss.dataSync()[0]);
    expectClose([losses[i], fast.norm.dataSync()[0]], [eager.loss.dataSync()[0], eager.norm.dataSync()[0]], {
      relative: 1e-3,
      absolute: 1e-5,
    });
  }
  const expected = flattenParams(a as unknown as Params);
  for (const [path, tensor] of Object.entries(flattenParams(b as unknown as Params))) {
    expectClose(tensor.dataSync(), expected[path].dataSync(), { relative: 1e-3, absolute: 1e-4 }, path);
  }
  expect(compiled.traceCount).toBe(1);
  expect(losses[29]).toBeLessThan(0.05 * losses[0]);
  // Only decayed: its gradient is zero.
  const unused = b.params.unused.dataSync();
  expect(unused.every((value) => value < 1 && value > 0.9)).toBe(true);
});
