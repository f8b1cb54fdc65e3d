import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);

describe('variables that a compiled function uses', () => {
  it('count with their value at each call', () => {
    const w = tf.variable(vector(1, 2));
    const scale = jit((x: tf.Tensor) => x.mul(w));
    expect(scale(vector(10, 10)).arraySync()).toEqual([10, 20]);
    w.assign(vector(3, 4));
    expect(scale(vector(10, 10)).arraySync()).toEqual([30, 40]);
    expect(scale.traceCount).toBe(1);
  });

  it('count with their value at each call through views and copies too', () => {
    const w = tf.variable(tf.range(0, 100).reshape([10, 10]) as tf.Tensor2D);
    const small = tf.variable(vector(1));
    const sum = jit((x: tf.Tensor) => [
      w.reshape([100]).sum().add(x),
      w.clone().as1D().max(),
      tf.tidy(() => w.expandDims()).min(),
      small.reshape([]).add(x),
    ]);
    const values = (): unknown[] => sum(tf.scalar(1)).map((t) => t.arraySync());
    expect(values()).toEqual([4951, 99, 0, 2]);
    w.assign(w.add(1));
    small.assign(vector(5));
    expect(values()).toEqual([5051, 100, 1, 6]);
    expect(sum.traceCount).toBe(1);
  });

  it('count each for itself where they were made from one tensor', () => {
    const start = tf.zeros([2]);
    const [a, b] = [tf.variable(start), tf.variable(start)];
    const read = jit(() => [a.reshape([2]).add(0), b.reshape([2]).add(0), b.add(0), a.add(0)]);
    read();
    a.assign(vector(1, 1));
    expect(read().map((t) => t.arraySync())).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(start.arraySync()).toEqual([0, 0]);
  });

  it('may start as a constant', () => {
    const w = tf.variable(tf.fill([1], 2));
    const scale = jit((x: tf.Tensor) => x.mul(w));
    expect(scale(vector(3)).arraySync()).toEqual([6]);
    w.assign(vector(5));
    expect(scale(vector(3)).arraySync()).toEqual([15]);
  });

  it('are not held: what they are assigned replaces what they had', () => {
    const w = tf.tidy(() => tf.variable(tf.zeros([1000])));
    const scale = jit((x: tf.Tensor) => x.mul(w));
    scale(tf.scalar(1)).dispose();
    const before = tf.backend().numDataIds();
    tf.tidy(() => w.assign(tf.ones([1000])));
    expect(tf.backend().numDataIds()).toBe(before);
  });

  it('are constants if captures are embedded', () => {
    const w = tf.variable(vector(1, 2));
    const scale = jit((x: tf.Tensor) => x.mul(w), { captures: 'embed' });
    expect(scale(vector(10, 10)).arraySync()).toEqual([10, 20]);
    w.assign(vector(3, 4));
    expect(scale(vector(10, 10)).arraySync()).toEqual([10, 20]);
  });

  it('must live', () => {
    const w = tf.variable(vector(1, 2), true, 'weight');
    const scale = jit((x: tf.Tensor) => x.mul(w), { name: 'scale' });
    scale(vector(1, 1));
    w.dispose();
    expect(() => scale(vector(1, 1))).toThrow(/jit\(scale\).*'weight'.*disposed/);
  });

  it('may come from another backend', () => {
    void tf.setBackend('cpu');
    const w = tf.variable(vector(1, 2));
    void tf.setBackend('onnxruntime');
    const scale = jit((x: tf.Tensor) => x.mul(w));
    expect(scale(vector(10, 10)).arraySync()).toEqual([10, 20]);
    expect(w.arraySync()).toEqual([1, 2]);
  });
});

describe('variables that a compiled function assigns', () => {
  it('are assigned at each call, and only there', () => {
    const count = tf.variable(tf.scalar(0));
    const tick = jit((by: tf.Tensor) => {
      count.assign(count.add(by) as tf.Scalar);
      return count.mul(10);
    });
    tick.lower(tf.scalar(1));
    expect(count.arraySync()).toBe(0);
    expect(tick(tf.scalar(1)).arraySync()).toBe(10);
    expect(tick(tf.scalar(2)).arraySync()).toBe(30);
    expect(count.arraySync()).toBe(3);
    expect(tick.traceCount).toBe(1);
  });

  it('may be assigned what another one holds, an argument or a constant', () => {
    const a = tf.variable(vector(1));
    const b = tf.variable(vector(2));
    const swap = jit((x: tf.Tensor1D) => {
      const before = a.add(0) as tf.Tensor1D;
      a.assign(b);
      b.assign(before);
      if (x.size === 2) a.assign(tf.tensor1d([9]));
    });
    swap(vector(0));
    expect([a.arraySync(), b.arraySync()]).toEqual([[2], [1]]);
    swap(vector(0));
    expect([a.arraySync(), b.arraySync()]).toEqual([[1], [2]]);
    swap(vector(0, 0));
    expect([a.arraySync(), b.arraySync()]).toEqual([[9], [1]]);
    const store = jit((x: tf.Tensor1D) => a.assign(x));
    const x = vector(5);
    store(x);
    x.dispose();
    expect(a.arraySync()).toEqual([5]);
  });

  it('are what they were if the function throws', () => {
    const w = tf.variable(vector(1));
    const step = jit(() => {
      w.assign(w.add(1) as tf.Tensor1D);
      throw new Error('stop');
    });
    expect(() => step()).toThrow('stop');
    expect(w.arraySync()).toEqual([1]);
  });

  it('do not grow', () => {
    const w = tf.variable(tf.zeros([100]));
    const step = jit(() => w.assign(w.add(1)));
    step();
    const before = tf.memory();
    for (let i = 0; i < 20; i++) step();
    expect(tf.memory()).toEqual(before);
    expect(w.dataSync()[0]).toBe(21);
  });
});

describe('variables made in a compiled function', () => {
  it('keep a value that is known', () => {
    let w: tf.Variable | undefined;
    const step = jit((x: tf.Tensor) => {
      w ??= tf.variable(tf.zeros([2]));
      w.assign(w.add(x));
      return w.mul(1);
    });
    expect(step(vector(1, 2)).arraySync()).toEqual([1, 2]);
    expect(step(vector(1, 2)).arraySync()).toEqual([2, 4]);
    expect(w!.arraySync()).toEqual([2, 4]);
  });

  it('cannot depend on the arguments', () => {
    const step = jit((x: tf.Tensor) => tf.variable(x.mul(2)).add(1), { name: 'step' });
    let error: unknown;
    try {
      step(vector(1));
    } catch (caught) {
      error = caught;
    }
    expect(TransfusionError.isInstance(error) && error.code).toBe('variable-in-jit');
    expect(String(error)).toMatch(/jit\(step\)/);
  });
});

/** Three steps of a small regression, compiled or not, from the same start. */
function train(makeOptimizer: () => tf.Optimizer, compiled: boolean): number[] {
  return tf.tidy(() => {
    const w = tf.variable(tf.tensor2d([[0.5], [-0.3]]));
    const b = tf.variable(tf.scalar(0.1));
    const x = tf.tensor2d([
      [1, 2],
      [3, -1],
      [0.5, 0.5],
      [-2, 1],
    ]);
    const y = tf.tensor2d([[1], [0], [2], [-1]]);
    const optimizer = makeOptimizer();
    const step = (xs: tf.Tensor2D, ys: tf.Tensor2D): tf.Scalar =>
      optimizer.minimize(
        () => tf.losses.meanSquaredError(ys, xs.matMul(w as tf.Tensor2D).add(b)) as tf.Scalar,
        true,
      )!;
    const compiledStep = jit(step);
    const run = compiled ? compiledStep : step;
    const trace: number[] = [];
    for (let i = 0; i < 4; i++) trace.push(run(x, y).dataSync()[0], ...w.dataSync(), ...b.dataSync());
    optimizer.dispose();
    compiledStep.dispose();
    return trace as unknown as tf.TensorContainer;
  }) as unknown as number[];
}

describe('optimizer.minimize in jit follows the eager steps', () => {
  it.each<[string, () => tf.Optimizer]>([
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['nesterov', () => tf.train.momentum(0.1, 0.9, true)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.1)],
    ['rmsprop', () => tf.train.rmsprop(0.1)],
    ['centered rmsprop', () => tf.train.rmsprop(0.1, 0.9, 0.5, 1e-7, true)],
    ['adam', () => tf.train.adam(0.1)],
    ['adamax', () => tf.train.adamax(0.1)],
  ])('%s', (_name, makeOptimizer) => {
    const eager = train(makeOptimizer, false);
    const compiled = train(makeOptimizer, true);
    compiled.forEach((value, i) => expect(value).toBeCloseTo(eager[i], 5));
    void tf.setBackend('cpu');
    const cpu = train(makeOptimizer, false);
    void tf.setBackend('onnxruntime');
    cpu.forEach((value, i) => expect(eager[i]).toBeCloseTo(value, 4));
  });
});
