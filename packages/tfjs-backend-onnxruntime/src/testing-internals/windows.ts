/** Random geometries of sliding windows. */
import type * as tf from '@transfusion/tfjs';
import fc from 'fast-check';

/** A window along one spatial axis, and its padding if that is numeric. */
export interface RandomAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export interface WindowOptions {
  readonly maxKernel?: number;
  readonly maxStride?: number;
  readonly maxDilation?: number;
  /** Minimum excess of an axis over its window; defaults to 0. */
  readonly minExtra?: number;
}

export type PadKind = 'valid' | 'same' | 'number' | 'explicit';
export type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;

/** An axis at least as long as its window, so that no output is empty. */
function randomAxis({
  maxKernel = 4,
  maxStride = 3,
  maxDilation = 1,
  minExtra = 0,
}: WindowOptions): fc.Arbitrary<RandomAxis> {
  return fc
    .record({
      kernel: fc.integer({ min: 1, max: maxKernel }),
      stride: fc.integer({ min: 1, max: maxStride }),
      dilation: fc.integer({ min: 1, max: maxDilation }),
      extra: fc.integer({ min: minExtra, max: minExtra + 6 }),
      before: fc.integer({ min: 0, max: 3 }),
      after: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ extra, ...axis }) => ({ ...axis, input: (axis.kernel - 1) * axis.dilation + 1 + extra }));
}

/** Independent axes; strides and dilations exclude each other, as TensorFlow.js requires. */
export function randomAxes(count: number, options: WindowOptions = {}): fc.Arbitrary<RandomAxis[]> {
  const { maxStride = 3, maxDilation = 1 } = options;
  const list = (one: fc.Arbitrary<RandomAxis>): fc.Arbitrary<RandomAxis[]> =>
    fc.array(one, { minLength: count, maxLength: count });
  const strided = list(randomAxis({ ...options, maxStride, maxDilation: 1 }));
  if (maxDilation === 1) return strided;
  return fc.oneof(strided, list(randomAxis({ ...options, maxStride: 1, maxDilation })));
}

/** Windows of the same size and stride on all axes: with numeric padding TensorFlow.js supports only one. */
export function square([first, ...rest]: readonly RandomAxis[]): RandomAxis[] {
  return [first, ...rest.map(({ input }) => ({ ...first, input: Math.max(input, first.input) }))];
}

/** The `pad` argument of a 2D operation. */
export function padOf(kind: PadKind, [rows, columns]: readonly RandomAxis[]): Pad {
  if (kind === 'number') return rows.before;
  if (kind !== 'explicit') return kind;
  return [
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ];
}

/** One property of all axes, as the pairs and triples of TensorFlow.js. */
export function each<T extends number[]>(axes: readonly RandomAxis[], of: (axis: RandomAxis) => number): T {
  return axes.map(of) as T;
}
