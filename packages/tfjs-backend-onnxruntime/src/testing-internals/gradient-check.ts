import * as tf from '@transfusion/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { jit } from '../jit/jit.js';
import { configureOnnxRuntime } from '../runtime/options.js';
import { assertAllClose } from './all-close.js';
import { onBackend } from './on-backend.js';
import { makeTensors, specOf, type TensorSpec, type WithTensors } from './tensor-spec.js';

type Differentiable = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A function whose gradient with respect to each input is checked. */
export interface GradientCase {
  readonly kernel: string;
  readonly variant: string;
  readonly inputs: readonly TensorSpec[];
  readonly run: Differentiable;
  readonly cpu: 'same' | 'lacks';
  readonly differences: 'same' | 'straight through';
}

export interface GradientCaseOptions {
  readonly variant?: string;
  /** `same` if the `cpu` backend has the gradient, and correctly, so that both must agree. Defaults to `same`. */
  readonly cpu?: GradientCase['cpu'];
  /**
   * `straight through`: TensorFlow.js defines the gradient of a step function by skipping the
   * rounding, so that finite differences, which are 0, do not apply. Defaults to `same`.
   */
  readonly differences?: GradientCase['differences'];
}

/** An entry of a table of gradients. */
export function gradient<const Inputs extends readonly TensorSpec[]>(
  kernel: string,
  inputs: Inputs,
  run: (...inputs: { -readonly [K in keyof Inputs]: WithTensors<Inputs[K]> }) => tf.Tensor | tf.Tensor[],
  { variant = '', cpu = 'same', differences = 'same' }: GradientCaseOptions = {},
): GradientCase {
  return { kernel, variant, inputs, run: run as Differentiable, cpu, differences };
}

/**
 * Distinct values between two bounds, evenly spaced, unordered, and none in the middle: at no kink of
 * a function that has it there, and no two so close that a small step swaps them.
 */
export function spread(
  shape: readonly number[],
  [min, max]: readonly [number, number] = [-2, 2],
): TensorSpec {
  const size = shape.reduce((a, b) => a * b, 1);
  const count = size % 2 === 0 ? size : size + 1;
  const stride = [7, 5, 3, 1].find((candidate) => count % candidate !== 0)!;
  const values = Array.from(
    { length: size },
    (_, i) => min + ((((i * stride) % count) + 0.5) / count) * (max - min),
  );
  return { dtype: 'float32', shape, values };
}

/** Exactly a power of two, so that the step itself has no rounding error. */
const STEP = 2 ** -6;
/** Error of a central difference in float32: cubic terms and rounding. */
const DIFFERENCE_TOLERANCE = { relative: 1e-2, absolute: 2e-3 };
/** A graph compiled as a whole may sum in another order. */
const JIT_TOLERANCE = { relative: 1e-6, absolute: 1e-6 };
const CPU_TOLERANCE = { relative: 1e-4, absolute: 1e-5 };

/** Declares the tests of a table. */
export function checkGradients(family: string, cases: readonly GradientCase[]): void {
  configureOnnxRuntime({ intraOpNumThreads: 1 });
  describe(`${family} gradients agree with finite differences and the cpu backend, in jit too`, () => {
    for (const entry of cases) {
      it(entry.variant === '' ? entry.kernel : `${entry.kernel}: ${entry.variant}`, () => check(entry));
    }
  });
}

function check({ kernel, inputs, run, cpu, differences }: GradientCase): void {
  // Fused kernels have a gradient inside their op instead of one in the registry.
  const registered: tf.GradConfig | undefined = tf.getGradient(kernel);
  const called = registered && vi.spyOn(registered, 'gradFunc');
  const gradients = (...tensors: tf.Tensor[]): tf.Tensor[] =>
    tf.grads((...x) => objective(run(...x)))(tensors);
  const compiled = jit(gradients, { name: kernel });
  onBackend('onnxruntime', () => {
    const eager = read(inputs, gradients);
    const jitted = read(inputs, compiled);
    const numeric = differences === 'same' ? centralDifferences(inputs, run) : eager;
    inputs.forEach((_, i) => {
      const label = `${kernel}, gradient of input ${i}`;
      assertAllClose(jitted[i], eager[i], JIT_TOLERANCE, `${label}, in jit`);
      assertAllClose(eager[i], numeric[i], DIFFERENCE_TOLERANCE, `${label}, against differences`);
      if (cpu !== 'same') return;
      const expected = onBackend('cpu', () => read(inputs, gradients));
      assertAllClose(eager[i], expected[i], CPU_TOLERANCE, `${label}, against cpu`);
    });
  });
  compiled.dispose();
  if (called === undefined) return;
  expect(called, `the gradient of ${kernel} has not been used`).toHaveBeenCalled();
  called.mockRestore();
}

/** A scalar that depends on each element of each result differently. */
function objective(result: tf.Tensor | tf.Tensor[]): tf.Scalar {
  const results = Array.isArray(result) ? result : [result];
  const terms = results.map((x, i) => tf.sum(tf.mul(x.toFloat(), tf.tensor(weights(i, x.size), x.shape))));
  return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Scalar;
}

function weights(result: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.fround(Math.cos(i + result)));
}

function read(inputs: readonly TensorSpec[], body: (...tensors: tf.Tensor[]) => tf.Tensor[]): TensorSpec[] {
  let specs: TensorSpec[] = [];
  tf.tidy(() => {
    specs = body(...makeTensors(inputs)).map(specOf);
  });
  return specs;
}

/** The objective's central difference for each element of each input, summed in double precision. */
function centralDifferences(inputs: readonly TensorSpec[], run: Differentiable): TensorSpec[] {
  const valueAt = (point: readonly TensorSpec[]): number => {
    const results = read(point, (...tensors) => [run(...tensors)].flat());
    return results.reduce((sum, { values }, i) => {
      const w = weights(i, values.length);
      return values.reduce((total, value, j) => total + value * w[j], sum);
    }, 0);
  };
  return inputs.map((input, i) => ({
    ...input,
    values: input.values.map((value, j) => {
      const moved = (by: number): TensorSpec[] =>
        inputs.with(i, { ...input, values: input.values.with(j, value + by) }) as TensorSpec[];
      const above = Math.fround(value + STEP);
      const below = Math.fround(value - STEP);
      return (valueAt(moved(STEP)) - valueAt(moved(-STEP))) / (above - below);
    }),
  }));
}
