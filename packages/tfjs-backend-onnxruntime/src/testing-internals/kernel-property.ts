import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { jit } from '../jit/jit.js';
import { configureOnnxRuntime } from '../runtime/options.js';
import { assertAllClose, EXACT, type Tolerance } from './all-close.js';
import { onBackend } from './on-backend.js';
import { makeTensors, specOf, type CallArguments, type TensorSpec, type WithTensors } from './tensor-spec.js';

/** The property of every kernel: for all arguments, the values equal those of `cpu`. */
export interface KernelProperty {
  readonly kernel: string;
  /** Distinguishes this property from others of the same kernel. */
  readonly variant: string;
  readonly args: fc.Arbitrary<CallArguments>;
  readonly run: (...args: unknown[]) => tf.Tensor | tf.Tensor[];
  readonly tolerance: Tolerance;
  /** Reference for comparison, if the `cpu` backend is wrong or too inexact. */
  readonly reference: ((...args: unknown[]) => tf.Tensor | tf.Tensor[]) | undefined;
}

export interface KernelPropertyOptions<Args extends CallArguments> {
  readonly variant?: string;
  readonly tolerance?: Partial<Tolerance>;
  readonly reference?: Run<Args>;
}

type Run<Args extends CallArguments> = (
  ...args: { -readonly [K in keyof Args]: WithTensors<Args[K]> }
) => tf.Tensor | tf.Tensor[];

const TOLERANCE: Tolerance = { relative: 1e-4, absolute: 1e-6 };

/** An entry of a table of kernel properties. */
export function property<const Args extends CallArguments>(
  kernel: string,
  args: fc.Arbitrary<Args>,
  run: Run<Args>,
  { variant = '', tolerance, reference }: KernelPropertyOptions<Args> = {},
): KernelProperty {
  return {
    kernel,
    variant,
    args,
    run: run as KernelProperty['run'],
    tolerance: { ...TOLERANCE, ...tolerance },
    reference: reference as KernelProperty['reference'],
  };
}

/**
 * Fixed, so that failures are reproducible. For a longer search:
 * `KERNEL_PROPERTY_RUNS=200 KERNEL_PROPERTY_SEED=7 pnpm vitest run src/kernels`.
 */
const SEED = Number(process.env['KERNEL_PROPERTY_SEED'] ?? 20_240_613);
const RUNS = Number(process.env['KERNEL_PROPERTY_RUNS'] ?? 12);

/** Declares the tests of a table. */
export function checkKernelProperties(family: string, properties: readonly KernelProperty[]): void {
  // Tiny graphs: threads would only add overhead.
  configureOnnxRuntime({ intraOpNumThreads: 1 });
  describe(`${family} kernels agree with the cpu backend, eagerly and in jit`, () => {
    for (const entry of properties) {
      it(entry.variant === '' ? entry.kernel : `${entry.kernel}: ${entry.variant}`, () => check(entry));
    }
  });
}

function check({ kernel, args, run, tolerance, reference = run }: KernelProperty): void {
  const called = vi.spyOn(tf.getKernel(kernel, 'onnxruntime'), 'kernelFunc');
  const test = (call: CallArguments): void => {
    const expected = onBackend('cpu', () => results(call, reference));
    const eager = results(call, run);
    const compiled = jit(run, { name: kernel });
    const jitted = results(call, compiled);
    compiled.dispose();
    expect(eager.length, 'number of results').toBe(expected.length);
    expected.forEach((wanted, i) => {
      const label = expected.length === 1 ? kernel : `${kernel}, result ${i}`;
      assertAllClose(eager[i], wanted, tolerance, label);
      assertAllClose(jitted[i], eager[i], EXACT, `${label}, in jit`);
    });
  };
  onBackend('onnxruntime', () => fc.assert(fc.property(args, test), { seed: SEED, numRuns: RUNS }));
  expect(called, `${kernel} has not been called`).toHaveBeenCalled();
  called.mockRestore();
}

function results(call: CallArguments, run: KernelProperty['run']): TensorSpec[] {
  let specs: TensorSpec[] = [];
  tf.tidy(() => {
    const result = run(...makeTensors(call));
    specs = (Array.isArray(result) ? result : [result]).map(specOf);
  });
  return specs;
}
