import fc from 'fast-check';
import type { NumericDtype } from '../backend/backend.js';
import type { TensorSpec } from './tensor-spec.js';

/** Generator of the elements of a random tensor. */
export type Values = fc.Arbitrary<number>;

/** Multiples of 1/64: sums and products of a few are exact, whatever the order of summation. */
export function numbers(min = -4, max = 4): Values {
  return fc.integer({ min: min * 64, max: max * 64 }).map((n) => n / 64);
}

export function integers(min = -9, max = 9): Values {
  return fc.integer({ min, max });
}

export const BOOLS: Values = fc.integer({ min: 0, max: 1 });

const SPECIAL_FLOATS = [
  NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-3, 1e-7, -1e-7, 1e-20, 1e-38, 20, -20, 90, -90,
  1e4, -1e4, 1e10, -1e10, 3e38, -3e38,
].map(Math.fround); // prettier-ignore
const SPECIAL_INTS = [0, 1, -1, 2, 255, 256, 46341, -46341, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];

/** Inputs that element-wise operations must accept: ordinary values, and every kind of extreme. */
export const EXTREMES: Readonly<Record<NumericDtype, Values>> = {
  float32: fc.oneof(numbers(), numbers(-100, 100), fc.constantFrom(...SPECIAL_FLOATS)),
  int32: fc.oneof(integers(), fc.constantFrom(...SPECIAL_INTS)),
  bool: BOOLS,
};

export const ORDINARY: Readonly<Record<NumericDtype, Values>> = {
  float32: numbers(),
  int32: integers(),
  bool: BOOLS,
};

export interface ShapeOptions {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** Maximum number of elements. */
  readonly maxSize?: number;
  /** Allows dimensions of 0. */
  readonly empty?: boolean;
}

/** Shapes of all ranks that TensorFlow.js supports, some with no elements. */
export function shapes(options: ShapeOptions = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 6, maxSize = 40, empty = true } = options;
  const full = fc
    .array(fc.integer({ min: 1, max: 5 }), { minLength: minRank, maxLength: maxRank, size: 'max' })
    .map((dims) => bounded(dims, maxSize));
  if (!empty || maxRank === 0) return full;
  const hollow = fc
    .tuple(
      full.filter((dims) => dims.length > 0),
      fc.nat(),
    )
    .map(([dims, at]) => dims.with(at % dims.length, 0));
  return fc.oneof({ weight: 8, arbitrary: full }, { weight: 1, arbitrary: hollow });
}

function bounded(dims: readonly number[], maxSize: number): number[] {
  let size = 1;
  return dims.map((dim) => {
    if (size * dim > maxSize) return 1;
    size *= dim;
    return dim;
  });
}

/** A tensor of a given shape. */
export function tensorOf(
  shape: readonly number[],
  dtype: NumericDtype = 'float32',
  values: Values = ORDINARY[dtype],
): fc.Arbitrary<TensorSpec> {
  const length = shape.reduce((size, dim) => size * dim, 1);
  return fc
    .array(values, { minLength: length, maxLength: length })
    .map((list) => ({ dtype, shape, values: list }));
}

export interface TensorOptions extends ShapeOptions {
  readonly dtypes?: readonly NumericDtype[];
  /** Elements by type; defaults to {@link ORDINARY}. */
  readonly values?: Readonly<Partial<Record<NumericDtype, Values>>>;
}

/** A tensor of any shape. */
export function tensors(options: TensorOptions = {}): fc.Arbitrary<TensorSpec> {
  const { dtypes = ['float32'], values = ORDINARY } = options;
  return fc
    .tuple(shapes(options), fc.constantFrom(...dtypes))
    .chain(([shape, dtype]) => tensorOf(shape, dtype, values[dtype]));
}

/** `count` shapes that broadcast together: dimensions of a common shape, left out or set to 1. */
export function broadcastingShapes(count: number, options: ShapeOptions = {}): fc.Arbitrary<number[][]> {
  const variant = fc.record({
    dropped: fc.oneof(fc.constant(0), fc.nat({ max: 6 })),
    ones: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }),
  });
  return fc
    .tuple(shapes(options), fc.array(variant, { minLength: count, maxLength: count }))
    .map(([shape, variants]) =>
      variants.map(({ dropped, ones }) =>
        shape.map((dim, i) => (ones[i] === 0 ? 1 : dim)).slice(Math.min(dropped, shape.length)),
      ),
    );
}

/** `count` tensors of one element type that broadcast together. */
export function broadcasting(count: number, options: TensorOptions = {}): fc.Arbitrary<TensorSpec[]> {
  const { dtypes = ['float32'], values = ORDINARY } = options;
  return fc
    .tuple(broadcastingShapes(count, options), fc.constantFrom(...dtypes))
    .chain(([list, dtype]) => fc.tuple(...list.map((shape) => tensorOf(shape, dtype, values[dtype]))));
}

/** The arguments of a call with one tensor. */
export function oneTensor(options?: TensorOptions): fc.Arbitrary<[TensorSpec]> {
  return fc.tuple(tensors(options));
}
