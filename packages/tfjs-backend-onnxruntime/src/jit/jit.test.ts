import * as tf from '@transfusion/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { jit } from '../index.js';

beforeAll(() => tf.setBackend('onnxruntime'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  vi.restoreAllMocks();
});

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);

describe('arguments', () => {
  it('are trees of tensors', () => {
    const add = jit((model: { layers: { w: tf.Tensor; b: tf.Tensor }[] }, [x]: [tf.Tensor]) =>
      model.layers.reduce((h, { w, b }) => h.mul(w).add(b), x),
    );
    const layer = (w: number, b: number): { w: tf.Tensor; b: tf.Tensor } => ({
      w: tf.scalar(w),
      b: tf.scalar(b),
    });
    const model = { layers: [layer(2, 1), layer(3, 0)] };
    expect(add(model, [vector(1, 2)]).arraySync()).toEqual([9, 15]);
    expect(add({ layers: [layer(1, 1), layer(1, 1)] }, [vector(5, 6)]).arraySync()).toEqual([7, 8]);
    expect(add.traceCount).toBe(1);
    expect(add({ layers: [layer(2, 0)] }, [vector(1, 2)]).arraySync()).toEqual([2, 4]);
    expect(add.traceCount).toBe(2);
  });

  it('that are no tensors are static: each value has a graph of its own', () => {
    const scale = jit((x: tf.Tensor, options: { by: number; mode?: string | null }) =>
      options.mode === 'negate' ? x.mul(-options.by) : x.mul(options.by),
    );
    expect(scale(vector(1), { by: 2 }).arraySync()).toEqual([2]);
    expect(scale(vector(1), { by: 3 }).arraySync()).toEqual([3]);
    expect(scale(vector(1), { by: 2, mode: 'negate' }).arraySync()).toEqual([-2]);
    expect(scale(vector(1), { by: 2, mode: null }).arraySync()).toEqual([2]);
    expect(scale.traceCount).toBe(4);
    expect(scale(vector(5), { by: 3 }).arraySync()).toEqual([15]);
    expect(scale(vector(5), { by: 2, mode: 'negate' }).arraySync()).toEqual([-10]);
    expect(scale.traceCount).toBe(4);
  });

  it('distinguish NaN, -0, undefined and missing keys', () => {
    const seen: unknown[] = [];
    const record = jit((x: tf.Tensor, option?: unknown) => {
      seen.push(option);
      return x.add(0);
    });
    const x = vector(1);
    for (const option of [NaN, NaN, 0, -0, undefined, undefined, null, { a: undefined }, {}, [], '', false]) {
      record(x, option);
    }
    record(x);
    expect(seen).toEqual([NaN, 0, -0, undefined, null, { a: undefined }, {}, [], '', false, undefined]);
  });

  it('with another shape or type are traced again', () => {
    const square = jit((x: tf.Tensor) => x.square());
    expect(square(vector(2)).arraySync()).toEqual([4]);
    expect(square(vector(2, 3)).arraySync()).toEqual([4, 9]);
    expect(square(tf.tensor2d([[2, 3]])).arraySync()).toEqual([[4, 9]]);
    expect(square(tf.scalar(3)).arraySync()).toBe(9);
    expect(square(tf.tensor1d([3], 'int32')).dtype).toBe('int32');
    expect(square.traceCount).toBe(5);
    square(vector(7));
    expect(square.traceCount).toBe(5);
  });

  it('may be the same tensor twice', () => {
    const add = jit((a: tf.Tensor, b: tf.Tensor) => a.add(b.mul(10)));
    const x = vector(1, 2);
    expect(add(x, x).arraySync()).toEqual([11, 22]);
    expect(add(x, vector(3, 4)).arraySync()).toEqual([31, 42]);
  });

  it('may go unused', () => {
    const first = jit((...[a]: tf.Tensor[]) => a.add(1));
    expect(first(vector(1), vector(2, 3)).arraySync()).toEqual([2]);
  });

  it('may be empty tensors and bools', () => {
    const pick = jit((x: tf.Tensor, condition: tf.Tensor, nothing: tf.Tensor) =>
      tf.where(condition, x, 0).sum().add(nothing.sum()),
    );
    expect(pick(vector(1, 2), tf.tensor1d([true, false]), tf.zeros([0])).arraySync()).toBe(1);
  });

  it('that still wait to be computed are computed for the call', () => {
    const increment = jit((x: tf.Tensor) => x.add(1));
    let x: tf.Tensor = vector(0);
    for (let i = 0; i < 5; i++) x = increment(x.add(1));
    expect(x.arraySync()).toEqual([10]);
  });

  it('that are disposed of are refused', () => {
    const increment = jit((x: tf.Tensor) => x.add(1), { name: 'increment' });
    const x = vector(1);
    increment(vector(2));
    x.dispose();
    expect(() => increment(x)).toThrow(/disposed/);
  });
});

describe('donated arguments', () => {
  it('are disposed of with everything in them', () => {
    const step = jit(
      (state: { m: tf.Tensor; v: tf.Tensor[] }, x: tf.Tensor) => ({ m: state.m.add(x), v: state.v }),
      {
        donate: [0],
      },
    );
    let state = { m: vector(1), v: [vector(2), vector(3)] } as { m: tf.Tensor; v: tf.Tensor[] };
    const x = vector(10);
    const before = tf.memory();
    for (let i = 0; i < 3; i++) {
      const last = state;
      state = step(state, x);
      expect([last.m, ...last.v].every((t) => t.isDisposed)).toBe(true);
    }
    expect(state.m.arraySync()).toEqual([31]);
    expect(state.v.map((t) => t.arraySync())).toEqual([[2], [3]]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(x.isDisposed).toBe(false);
  });

  it('pass their memory to later results', () => {
    const step = jit((x: tf.Tensor) => x.add(1), { donate: [0] });
    const buffers = new Set<ArrayBufferLike>();
    let x: tf.Tensor = tf.zeros([1000]);
    const pool = tf.backend() as unknown as {
      pool: { allocate(dtype: string, length: number): { array: Float32Array } };
    };
    const allocate = vi.spyOn(pool.pool, 'allocate');
    for (let i = 0; i < 20; i++) x = step(x);
    for (const { value } of allocate.mock.results)
      buffers.add((value as { array: Float32Array }).array.buffer);
    expect(buffers.size).toBeLessThanOrEqual(3);
    expect(x.dataSync()[999]).toBe(20);
  });

  it('cannot be read afterwards', () => {
    const step = jit((x: tf.Tensor) => x.add(1), { donate: [0] });
    const x = vector(1);
    step(x);
    expect(() => x.dataSync()).toThrow(/disposed/);
    expect(() => step(x)).toThrow(/disposed/);
  });

  it('are not taken before everything that waits has read them', () => {
    const step = jit((x: tf.Tensor) => x.add(1), { donate: [0] });
    const x = tf.ones([64]).mul(2);
    const waiting = x.mul(10);
    let y = step(x);
    for (let i = 0; i < 5; i++) y = step(y);
    expect(waiting.dataSync()[63]).toBe(20);
    expect(y.dataSync()[63]).toBe(8);
  });
});

describe('calls', () => {
  it('inside another compiled function become part of it', () => {
    const inner = jit((x: tf.Tensor) => x.mul(2));
    const outer = jit((x: tf.Tensor) => inner(inner(x)).add(1));
    expect(outer(vector(1, 2)).arraySync()).toEqual([5, 9]);
    expect(inner.traceCount).toBe(0);
    expect(outer.lower(vector(1, 2)).nodesByOperator).toEqual({ Mul: 2, Add: 1 });
  });

  it('inside tf.grad are differentiated', () => {
    const cube = jit((x: tf.Tensor) => x.pow(3));
    expect(
      tf
        .grad((x: tf.Tensor) => cube(x).sum())(vector(1, 2))
        .arraySync(),
    ).toEqual([3, 12]);
    const w = tf.variable(vector(2), true, 'w');
    const { value, grads } = tf.variableGrads(() => cube(w).sum() as tf.Scalar);
    expect(value.arraySync()).toBe(8);
    expect(grads['w'].arraySync()).toEqual([12]);
    w.dispose();
  });

  it('with the gradient inside compile it too', () => {
    const slope = jit((x: tf.Tensor) => tf.grad((y: tf.Tensor) => y.pow(3).sum())(x));
    expect(slope(vector(1, 2)).arraySync()).toEqual([3, 12]);
    const curvature = jit((x: tf.Tensor) => tf.grad(tf.grad((y: tf.Tensor) => y.pow(3)))(x));
    expect(curvature(vector(1, 2)).arraySync()).toEqual([6, 12]);
  });

  it('in a tidy leave nothing but what it returns', () => {
    const pair = jit((x: tf.Tensor) => [x.add(1), x.add(2)]);
    const x = vector(1);
    pair(x).forEach((t) => t.dispose());
    const before = tf.memory();
    const kept = tf.tidy(() => pair(x)[1]);
    expect(kept.arraySync()).toEqual([3]);
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    expect(tf.memory().numBytes).toBe(before.numBytes + 4);
  });

  it('trace leaves nothing behind, kept tensors included', () => {
    const before = tf.memory();
    const step = jit((x: tf.Tensor) => {
      tf.keep(x.square());
      x.add(1).add(2);
      return tf.tidy(() => x.mul(3));
    });
    const x = vector(1);
    step(x).dispose();
    x.dispose();
    expect(tf.memory().numDataBuffers).toBeLessThanOrEqual(before.numDataBuffers + 1);
  });

  it('follow a change of backend in between', () => {
    const double = jit((x: tf.Tensor) => x.mul(2));
    const x = vector(1, 2);
    expect(double(x).arraySync()).toEqual([2, 4]);
    void tf.setBackend('cpu');
    expect(double(x).arraySync()).toEqual([2, 4]);
    const onCpu = vector(5);
    void tf.setBackend('onnxruntime');
    expect(double(onCpu).arraySync()).toEqual([10]);
    expect(double(x).arraySync()).toEqual([2, 4]);
    expect(double.traceCount).toBe(2);
  });

  it('retraced again and again warn once, with the argument that differs', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const step = jit((x: tf.Tensor, { lr }: { lr: number }) => x.mul(lr), { name: 'step' });
    for (let i = 0; i < 40; i++) step(vector(1), { lr: i / 100 });
    expect(warn.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(/jit\(step\) has been traced 16 times.*\[1\]\.lr: 0\.15 instead of 0\.14/),
    ]);
    expect(step(vector(1), { lr: 0.02 }).dataSync()[0]).toBeCloseTo(0.02);
  });

  it('return the same as without jit, in any order', () => {
    const fn = (x: tf.Tensor, n: number): tf.Tensor => x.sub(x.mean()).mul(n).tanh();
    const compiled = jit(fn);
    for (const [size, n] of [
      [3, 1],
      [4, 1],
      [3, 2],
      [3, 1],
      [4, 2],
      [4, 1],
      [3, 2],
    ]) {
      const x = tf.linspace(-1, 1, size);
      expect(compiled(x, n).arraySync()).toEqual(fn(x, n).arraySync());
    }
    expect(compiled.traceCount).toBe(4);
  });
});

describe('dispose', () => {
  it('frees captured tensors; a later call compiles again', () => {
    const captured = tf.ones([100]).mul(2);
    const step = jit((x: tf.Tensor) => x.add(captured));
    const x = tf.zeros([100]);
    expect(step(x).dataSync()[0]).toBe(2);
    step.dispose();
    expect(step(x).dataSync()[0]).toBe(2);
    expect(step.traceCount).toBe(2);
    step.dispose();
    step.dispose();
  });

  it('keeps what captured tensors held as long as the function may need it', () => {
    const captured = tf.ones([100]).mul(2);
    const step = jit((x: tf.Tensor) => x.add(captured));
    expect(step(tf.zeros([100])).dataSync()[0]).toBe(2);
    captured.dispose();
    for (let i = 0; i < 5; i++) tf.tidy(() => tf.ones([100]).mul(7).dataSync());
    expect(step(tf.zeros([100])).dataSync()[99]).toBe(2);
  });
});

describe('tensors of a trace', () => {
  it('that escape are refused when they are used', () => {
    let escaped: tf.Tensor | undefined;
    const step = jit((x: tf.Tensor) => {
      escaped = tf.keep(x.square());
      return x;
    });
    step(vector(2));
    for (const use of [() => escaped!.dataSync(), () => escaped!.add(1), () => step(escaped!)]) {
      let error: unknown;
      try {
        use();
      } catch (caught) {
        error = caught;
      }
      expect(TransfusionError.isInstance(error) && error.code).toBe('escaped-from-jit');
    }
  });

  it('that escape into another trace are refused there', () => {
    let escaped: tf.Tensor | undefined;
    jit((x: tf.Tensor) => (escaped = tf.keep(x.square())))(vector(2));
    expect(() => jit((x: tf.Tensor) => x.add(escaped!))(vector(1))).toThrow(/outside|escape|after/);
  });
});

it('constants made inside are made once', () => {
  let made = 0;
  const step = jit((x: tf.Tensor) => {
    made++;
    return x
      .add(tf.tensor1d([1, 2, 3]))
      .mul(tf.range(0, 3))
      .add(tf.eye(3).sum(0))
      .add(tf.fill([3], 5));
  });
  for (let i = 0; i < 3; i++) expect(step(vector(1, 1, 1)).arraySync()).toEqual([6, 9, 14]);
  expect(made).toBe(1);
});
