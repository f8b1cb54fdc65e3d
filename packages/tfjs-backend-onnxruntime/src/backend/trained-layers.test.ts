/** A training step of every layer of `tf.layers`: as on cpu, and along finite differences of the loss. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import '../index.js';
import { layer, LAYER_CASES, OTHER_FACTORIES, type LayerCase } from '../testing-internals/layer-cases.js';

const BATCH = 2;

/** Deterministic values from −1 to 1 without a pattern. */
function noise(shape: readonly number[], seed: number): tf.Tensor {
  const values = Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => {
    const v = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43_758.5453;
    return 2 * (v - Math.floor(v)) - 1;
  });
  return tf.tensor(values, [...shape]);
}

/** A model in which a trainable layer stands before the layer, so that the gradient passes through it. */
function modelOf({ inputs, make, indices }: LayerCase): tf.LayersModel {
  const symbols = inputs.map((shape) => tf.input({ shape }));
  const first = indices ? symbols : symbols.map((symbol) => new Scale({}).apply(symbol));
  const output = make().apply((first.length === 1 ? first[0] : first) as tf.SymbolicTensor);
  const model = tf.model({ inputs: symbols, outputs: output as tf.SymbolicTensor });
  model.setWeights(model.getWeights().map((w, i) => initial(w, i, model.weights[i].name)));
  return model;
}

/** A factor for each element. */
class Scale extends tf.layers.Layer {
  static readonly className = 'Scale';

  override build([, ...shape]: tf.Shape): void {
    this.addWeight('factor', shape, 'float32', tf.initializers.ones());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([inputs].flat()[0], this.weights[0].read());
  }
}

/** Variances are positive. */
function initial(weight: tf.Tensor, i: number, name: string): tf.Tensor {
  const values = noise(weight.shape, i);
  return name.includes('variance') ? values.abs().add(0.5) : values.mul(0.9);
}

interface Step {
  readonly loss: number;
  readonly before: number[][];
  readonly after: number[][];
}

const LEARNING_RATE = 0.5;

async function train(entry: LayerCase): Promise<Step> {
  const model = modelOf(entry);
  model.compile({ optimizer: tf.train.sgd(LEARNING_RATE), loss: 'meanSquaredError' });
  const read = (): number[][] => model.getWeights().map((w) => Array.from(w.dataSync()));
  const before = read();
  const loss = (await model.trainOnBatch(inputsOf(entry), targetOf(model))) as number;
  const after = read();
  model.dispose();
  return { loss, before, after };
}

const DELTA = 2 ** -9;

/** Compares a few elements of a step with the loss's central differences. */
function expectSlope(entry: LayerCase, { before, after }: Step): void {
  const model = modelOf(entry);
  const trained = new Set(model.trainableWeights);
  const [x, y] = [inputsOf(entry), targetOf(model)];
  const lossAt = (i: number, j: number, by: number): number => {
    const weights = before.map((values, k) => (k === i ? values.with(j, values[j] + by) : values));
    model.setWeights(weights.map((values, k) => tf.tensor(values, model.weights[k].shape as number[])));
    const output = model.apply(x.length === 1 ? x[0] : x, { training: true }) as tf.Tensor;
    return output.sub(y).square().mean().dataSync()[0];
  };
  model.weights.forEach((weight, i) => {
    if (!trained.has(weight)) return;
    for (const j of new Set([0, before[i].length >> 1])) {
      const expected = (lossAt(i, j, DELTA) - lossAt(i, j, -DELTA)) / (2 * DELTA);
      const actual = (before[i][j] - after[i][j]) / LEARNING_RATE;
      const label = `${weight.name}, element ${j}: ${actual}, by differences ${expected}`;
      expect(Math.abs(actual - expected), label).toBeLessThan(2e-3 + 2e-2 * Math.abs(expected));
    }
  });
  model.dispose();
}

function inputsOf({ inputs, indices }: LayerCase): tf.Tensor[] {
  return inputs.map((shape, i) => {
    const values = noise([BATCH, ...shape], 10 + i);
    return indices ? values.add(1).mul(2.4).floor() : values;
  });
}

function targetOf(model: tf.LayersModel): tf.Tensor {
  return noise([BATCH, ...(model.outputs[0].shape.slice(1) as number[])], 20);
}

/** The weights after two steps with an optimizer and a loss. */
async function trainedWith(
  backend: string,
  optimizer: () => tf.Optimizer,
  loss: string,
): Promise<number[][]> {
  await tf.setBackend(backend);
  const [entry] = layer('dense', [3], [{ units: 3, activation: 'softmax' }]);
  const model = modelOf(entry);
  model.compile({ optimizer: optimizer(), loss });
  const target =
    loss === 'sparseCategoricalCrossentropy'
      ? tf.tensor2d([1, 2], [2, 1])
      : tf.tensor2d([0, 1, 0, 1, 0, 0], [2, 3]);
  for (let i = 0; i < 2; i++) await model.trainOnBatch(inputsOf(entry), target);
  return model.getWeights().map((w) => Array.from(w.dataSync()));
}

const OPTIMIZERS: Readonly<Record<Exclude<keyof typeof tf.train, 'prototype'>, () => tf.Optimizer>> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9, true),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  adam: () => tf.train.adam(0.01),
  adadelta: () => tf.train.adadelta(0.1),
  adamax: () => tf.train.adamax(0.01),
  adagrad: () => tf.train.adagrad(0.1),
};
const LOSSES = [
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'squaredHinge',
  'hinge',
  'categoricalHinge',
  'logcosh',
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'kullbackLeiblerDivergence',
  'poisson',
  'cosineProximity',
];

describe('two training steps are as on cpu', () => {
  const sgd = ['sgd', OPTIMIZERS.sgd] as const;
  it.each([
    ...Object.entries(OPTIMIZERS).map(([name, optimizer]) => [name, 'meanSquaredError', optimizer] as const),
    ...LOSSES.map((loss) => [sgd[0], loss, sgd[1]] as const),
  ])('with %s and %s', async (_name, loss, optimizer) => {
    tf.engine().startScope();
    const expected = await trainedWith('cpu', optimizer, loss);
    const actual = await trainedWith('onnxruntime', optimizer, loss);
    tf.engine().endScope();
    actual.flat().forEach((value, i) => {
      const wanted = expected.flat()[i];
      expect(Math.abs(value - wanted), `element ${i}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)));
    });
  });

  it('with every initializer', () => {
    for (const name of Object.keys(tf.initializers) as (keyof typeof tf.initializers)[]) {
      const made = ['cpu', 'onnxruntime'].map((backend) => {
        void tf.setBackend(backend);
        const make = tf.initializers[name] as unknown as (args: object) => {
          apply(shape: number[]): tf.Tensor;
        };
        return tf.tidy(() => Array.from(make({ seed: 3, value: 2, gain: 0.5 }).apply([3, 3]).dataSync()));
      });
      made[1].forEach((value, i) => expect(value, name).toBeCloseTo(made[0][i], 5));
    }
  });
});

const table = LAYER_CASES.map((entry) => [`${entry.factory} ${entry.variant}`, entry] as const);

describe('a training step of tf.layers', () => {
  it.each(table)('%s', async (_name, entry) => {
    tf.engine().startScope();
    try {
      await tf.setBackend('onnxruntime');
      const actual = await train(entry);
      const moved = actual.after.some((weight, i) =>
        weight.some((value, j) => value !== actual.before[i][j]),
      );
      expect(moved, 'some weight changes').toBe(true);
      if (entry.cpu !== 'wrong') await tf.setBackend('cpu');
      if (entry.differences) expectSlope(entry, actual);
      if (entry.cpu !== 'same') return;
      const expected = await train(entry);
      expect(actual.loss).toBeCloseTo(expected.loss, 5);
      actual.after.forEach((weight, i) =>
        weight.forEach((value, j) =>
          expect(value, `weight ${i}, element ${j}`).toBeCloseTo(expected.after[i][j], 4),
        ),
      );
    } finally {
      tf.engine().endScope();
    }
  });

  it('every factory has a case', () => {
    const known = new Set([...LAYER_CASES.map(({ factory }) => factory), ...Object.keys(OTHER_FACTORIES)]);
    expect(Object.keys(tf.layers).filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !(name in tf.layers))).toEqual([]);
  });
});
