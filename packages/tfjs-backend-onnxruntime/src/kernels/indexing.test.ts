import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import type { NumericDtype } from '../backend/backend.js';
import {
  EXTREMES,
  integers,
  numbers,
  oneTensor,
  shapes,
  tensorOf,
  tensors,
} from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

const ALL = ['float32', 'int32', 'bool'] as const;
const NUMERIC = ['float32', 'int32'] as const;
const int32s = (shape: number[], min: number, max: number): fc.Arbitrary<TensorSpec> =>
  tensorOf(shape, 'int32', integers(min, max));

/** A tensor, an axis of it and positions on that axis. */
const GATHERING = fc
  .tuple(tensors({ dtypes: ALL, minRank: 1, maxRank: 4 }), fc.nat(), shapes({ maxRank: 2, maxSize: 6 }))
  .filter(([x, n]) => x.shape[n % x.shape.length] > 0)
  .chain(([x, n, shape]) => {
    const axis = n % x.shape.length;
    return fc.tuple(fc.constant(x), int32s(shape, 0, x.shape[axis] - 1), fc.constant(axis));
  });

/** Tensor and indices share their first axes. */
const BATCHED_GATHERING = fc
  .tuple(
    shapes({ minRank: 2, maxRank: 4, empty: false }),
    fc.nat(),
    fc.nat(),
    shapes({ maxRank: 2, maxSize: 6 }),
  )
  .chain(([shape, m, n, rest]) => {
    const batchDims = 1 + (m % (shape.length - 1));
    const axis = batchDims + (n % (shape.length - batchDims));
    const indices = int32s([...shape.slice(0, batchDims), ...rest], 0, shape[axis] - 1);
    return fc.tuple(tensorOf(shape), indices, fc.constant({ axis, batchDims }));
  });

interface Addresses {
  /** The tensor that is read or written. */
  readonly shape: number[];
  /** Indices of shape `[...count, depth]`. */
  readonly indices: TensorSpec;
  /** The shape of all elements read or written. */
  readonly sliceShape: number[];
}

/** Positions in a tensor; with `distinct` the order of writes does not matter. */
function addresses(options: {
  readonly distinct: boolean;
  readonly maxCountRank?: number;
}): fc.Arbitrary<Addresses> {
  return fc
    .tuple(
      shapes({ minRank: 1, maxRank: 4, empty: false }),
      fc.nat(),
      shapes({ minRank: 1, maxRank: options.maxCountRank ?? 2, maxSize: 5 }),
    )
    .chain(([shape, m, count]) => {
      const depth = 1 + (m % shape.length);
      const positions = shape.slice(0, depth).reduce((a, b) => a * b, 1);
      const wanted = count.reduce((a, b) => a * b, 1);
      const fits = options.distinct && wanted > positions ? [positions] : count;
      const length = fits.reduce((a, b) => a * b, 1);
      const flat = options.distinct
        ? fc.shuffledSubarray(
            Array.from({ length: positions }, (_, i) => i),
            { minLength: length, maxLength: length },
          )
        : fc.array(fc.nat(positions - 1), { minLength: length, maxLength: length });
      return flat.map((list) => ({
        shape,
        indices: {
          dtype: 'int32' as const,
          shape: [...fits, depth],
          values: list.flatMap((position) => coordinates(position, shape.slice(0, depth))),
        },
        sliceShape: [...fits, ...shape.slice(depth)],
      }));
    });
}

function coordinates(position: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  for (let i = shape.length - 1, rest = position; i >= 0; i--) {
    result.unshift(rest % shape[i]);
    rest = Math.floor(rest / shape[i]);
  }
  return result;
}

const READING = fc
  .tuple(addresses({ distinct: false }), fc.constantFrom(...ALL))
  .chain(([{ shape, indices }, dtype]) => fc.tuple(tensorOf(shape, dtype), fc.constant(indices)));

const ADDING = fc
  .tuple(addresses({ distinct: false }), fc.constantFrom(...NUMERIC))
  .chain(([{ shape, indices, sliceShape }, dtype]) =>
    fc.tuple(fc.constant(indices), tensorOf(sliceShape, dtype), fc.constant(shape)),
  );

const REPLACING = fc
  .tuple(addresses({ distinct: true, maxCountRank: 1 }), fc.constantFrom(...ALL))
  .chain(([{ shape, indices, sliceShape }, dtype]) =>
    fc.tuple(tensorOf(shape, dtype), fc.constant(indices), tensorOf(sliceShape, dtype)),
  );

/** Single elements of a tensor of rank 1 to 4. */
const SPARSE = fc
  .tuple(shapes({ minRank: 1, maxRank: 4, empty: false }), fc.constantFrom(...ALL), fc.boolean())
  .chain(([shape, dtype, oneValue]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: 5 }).chain((positions) => {
      const indices: TensorSpec = {
        dtype: 'int32',
        shape: [positions.length, shape.length],
        values: positions.flatMap((position) => coordinates(position, shape)),
      };
      const values = tensorOf(oneValue ? [] : [positions.length], dtype);
      return fc.tuple(fc.constant(indices), values, fc.constant(shape), tensorOf([], dtype));
    });
  });

/** Ids, also below and above the range, which are ignored. */
const SEGMENTS = fc
  .tuple(shapes({ minRank: 1, maxRank: 4 }), fc.constantFrom(...NUMERIC), fc.integer({ min: 1, max: 4 }))
  .chain(([shape, dtype, count]) =>
    fc.tuple(tensorOf(shape, dtype), int32s([shape[0]], -1, count), fc.constant(count)),
  );

const COMPARABLE: Partial<Record<NumericDtype, fc.Arbitrary<number>>> = {
  float32: EXTREMES.float32.filter((value) => !Number.isNaN(value)),
  int32: fc.oneof(integers(-2, 2), EXTREMES.int32),
};

const TOP = tensors({ dtypes: NUMERIC, minRank: 1, values: COMPARABLE, empty: false }).chain((x) =>
  fc.tuple(fc.constant(x), fc.nat(x.shape[x.shape.length - 1]), fc.boolean()),
);

/** Sorted rows, and as many rows of values to search for. */
const SORTED = fc
  .tuple(shapes({ minRank: 1, maxRank: 3, empty: false }), fc.integer({ min: 1, max: 4 }))
  .chain(([shape, count]) => {
    const [rows, length] = [shape.slice(0, -1), shape[shape.length - 1]];
    const sorted = tensorOf(shape, 'float32', numbers(-2, 2)).map((spec) => ({
      ...spec,
      values: spec.values.flatMap((_, i, all) =>
        i % length === 0 ? [...all.slice(i, i + length)].sort((a, b) => a - b) : [],
      ),
    }));
    return fc.tuple(sorted, tensorOf([...rows, count], 'float32', numbers(-2, 2)));
  });

/** Ids to count, with one weight each or none. */
function countable(
  minRank: number,
  maxRank: number,
): fc.Arbitrary<[TensorSpec, TensorSpec, number, boolean]> {
  return fc
    .tuple(
      shapes({ minRank, maxRank, empty: false }),
      fc.boolean(),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
    )
    .chain(([shape, weighted, size, binary]) =>
      fc.tuple(int32s(shape, 0, 6), tensorOf(weighted ? shape : [0]), fc.constant(size), fc.constant(binary)),
    );
}

function segmentSum(x: tf.Tensor, ids: tf.Tensor, count: number): tf.Tensor {
  return tf.unsortedSegmentSum(x, ids as tf.Tensor1D, count);
}

function topK(x: tf.Tensor, k: number, sorted: boolean): tf.Tensor[] {
  const { values, indices } = tf.topk(x, k, sorted);
  return [values, indices];
}

function denseBincount(x: tf.Tensor, weights: tf.Tensor, size: number, binary: boolean): tf.Tensor {
  return tf.denseBincount(x as tf.Tensor2D, weights as tf.Tensor2D, size, binary);
}

checkKernelProperties('indexing', [
  property('GatherV2', GATHERING, (x, indices, axis) => tf.gather(x, indices, axis)),
  property(
    'GatherV2',
    BATCHED_GATHERING,
    (x, indices, { axis, batchDims }) => tf.gather(x, indices, axis, batchDims),
    { variant: 'with batch axes' },
  ),
  property('GatherNd', READING, (x, indices) => tf.gatherND(x, indices)),
  property('ScatterNd', ADDING, (indices, updates, shape) => tf.scatterND(indices, updates, shape)),
  property('TensorScatterUpdate', REPLACING, (x, indices, updates) =>
    tf.tensorScatterUpdate(x, indices, updates),
  ),
  property('SparseToDense', SPARSE, (indices, values, shape, filler) =>
    tf.sparseToDense(indices, values, shape, filler as tf.Scalar),
  ),
  property('OneHot', oneTensor({ dtypes: ['int32'], maxRank: 5, values: { int32: integers(-2, 5) } }), (x) =>
    tf.oneHot(x, 4),
  ),
  property(
    'OneHot',
    fc.tuple(tensors({ dtypes: ['int32'], maxRank: 5 }), fc.constantFrom(...ALL)),
    (x, dtype) => tf.oneHot(x, 3, 1, 0, dtype),
    { variant: 'of each type' },
  ),
  property(
    'OneHot',
    oneTensor({ dtypes: ['int32'], maxRank: 5 }),
    (x) => tf.oneHot(x, 3, 2.5, -1, 'float32'),
    {
      variant: 'of other values',
    },
  ),
  property('UnsortedSegmentSum', SEGMENTS, segmentSum, {
    // The cpu backend returns float32 for int32.
    reference: (x, ids, count) => segmentSum(x, ids, count).cast(x.dtype),
  }),
  property('TopK', TOP, topK, {
    // If `sorted` is false any order is valid: this backend sorts.
    reference: (x, k) => topK(x, k, true),
  }),
  property('SearchSorted', SORTED, (sequence, values) => [
    tf.searchSorted(sequence, values, 'left'),
    tf.searchSorted(sequence, values, 'right'),
  ]),
  property('Bincount', countable(1, 1), (x, weights, size) =>
    tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, size),
  ),
  property('DenseBincount', countable(2, 2), denseBincount),
  property('DenseBincount', countable(1, 1), denseBincount, {
    variant: 'of one row',
    // The cpu backend ignores `binaryOutput` for one row.
    reference: (x, weights, size, binary) => {
      const row = (t: tf.Tensor): tf.Tensor => (t.size === 0 ? t : t.reshape([1, -1]));
      return denseBincount(row(x), row(weights), size, binary).reshape([size]);
    },
  }),
]);
