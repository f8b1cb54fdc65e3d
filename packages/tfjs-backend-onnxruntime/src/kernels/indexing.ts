/** Kernels that read or write at computed positions. */
import * as tf from '@transfusion/tfjs';
import { cast, fill, reduce, reshape, sameShape, transpose, where, zip } from '../graph/build.js';
import { emit, emitMany, int64s, scalar } from '../graph/emit.js';
import type { GraphDtype } from '../graph/dtype.js';
import { constant, sizeOf, type Shape, type Value } from '../graph/value.js';
import { compare } from './binary.js';
import { graphKernel } from './kernel.js';

export function registerIndexingKernels(): void {
  graphKernel<{ axis: number; batchDims: number }>('GatherV2', ({ x, indices }, { axis, batchDims }) => {
    const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
    // Throws, with TensorFlow.js's messages, if the shapes do not match.
    tf.backend_util.segment_util.collectGatherOpShapeInfo(
      asTensor(x),
      asTensor(indices),
      along,
      batchDims ?? 0,
    );
    assertInRange(indices, x.shape[along]);
    return gather(x, fromStart(indices), along, batchDims ?? 0);
  });
  graphKernel('GatherNd', ({ params, indices }) => {
    const [shape] = tf.backend_util.prepareAndValidate(asTensor(params), asTensor(indices));
    const depth = indices.shape[indices.rank - 1];
    const out = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    if (sizeOf(shape) > 0 && params.size === 0) {
      throw new Error(
        `gatherND: requested more than 0 entries, but params is empty (shape [${params.shape}]).`,
      );
    }
    return emit('GatherND', [params, cast(fromStart(indices), 'int64')], out, params.dtype);
  });
  graphKernel<{ shape: number[] }>('ScatterNd', ({ indices, updates }, { shape }) =>
    scatterNd(indices, updates, shape),
  );
  graphKernel('TensorScatterUpdate', ({ tensor, indices, updates }) => {
    const slice = tensor.shape.slice(indices.shape[indices.rank - 1]);
    tf.util.assert(
      sameShape(updates.shape, [...indices.shape.slice(0, -1), ...slice]),
      () =>
        `tensorScatterUpdate: updates of shape [${updates.shape}] do not fit indices of shape ` +
        `[${indices.shape}] into a tensor of shape [${tensor.shape}].`,
    );
    const positions = cast(fromStart(indices), 'int64');
    return emit('ScatterND', [tensor, positions, updates], tensor.shape, tensor.dtype);
  });
  graphKernel<{ outputShape: number[] }>('SparseToDense', (inputs, { outputShape }) =>
    sparseToDense(inputs['sparseIndices'], inputs['sparseValues'], inputs['defaultValue'], outputShape),
  );
  graphKernel<OneHotAttrs>('OneHot', ({ indices }, attrs) => oneHot(indices, attrs));
  graphKernel<{ numSegments: number }>('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }) =>
    segmentSum(x, segmentIds, numSegments),
  );
  graphKernel<{ k: number }>('TopK', ({ x }, { k }) => topK(x, k));
  graphKernel<{ side: 'left' | 'right' }>('SearchSorted', ({ sortedSequence, values }, { side }) =>
    searchSorted(sortedSequence, values, side),
  );
  graphKernel<{ size: number }>('Bincount', ({ x, weights }, { size }) =>
    segmentSum(weightsOf(x, weights), x, size),
  );
  graphKernel<{ size: number; binaryOutput: boolean }>('DenseBincount', ({ x, weights }, attrs) =>
    denseBincount(x, weights, attrs.size, attrs.binaryOutput),
  );
}

/** The properties of a tensor that TensorFlow.js's shape helpers read. */
function asTensor(value: Value): tf.Tensor {
  return {
    shape: [...value.shape],
    rank: value.rank,
    size: value.size,
    dtype: value.dtype,
  } as unknown as tf.Tensor;
}

/** Checks indices whose values are already known; ONNX Runtime checks the others when it runs. */
function assertInRange(indices: Value, length: number): void {
  for (const index of (indices.buffer?.array ?? indices.constant ?? []) as Int32Array) {
    tf.util.assert(
      index >= 0 && index < length,
      () => `GatherV2: the index value ${index} is not in [0, ${length - 1}]`,
    );
  }
}

/**
 * Moves negative indices out of range, so that ONNX Runtime rejects them: ONNX would count them from
 * the end, but they are invalid in TensorFlow.js.
 */
function fromStart(indices: Value): Value {
  const known = indices.buffer?.array ?? indices.constant;
  if (known && (known as Int32Array).every((index) => index >= 0)) return indices;
  const refused = scalar(-(2 ** 31), 'int32');
  return where(compare('Less', indices, scalar(0, 'int32')), refused, indices);
}

/** Gathers elements of `x` along `axis`; the first `batchDims` axes of both are batch axes. */
export function gather(x: Value, indices: Value, axis: number, batchDims = 0): Value {
  const b = batchDims < 0 ? batchDims + indices.rank : batchDims;
  const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(b), ...x.shape.slice(axis + 1)];
  if (b === 0) return emit('Gather', [x, indices], shape, x.dtype, { axis });
  // GatherND has batch axes, but reads from the axis right after them: move it there and back.
  const outer = axis - b;
  const inner = indices.rank - b;
  const toFront = [...range(0, b), axis, ...range(b, axis), ...range(axis + 1, x.rank)];
  const moved = transpose(x, toFront);
  const index = reshape(cast(indices, 'int64'), [...indices.shape, 1]);
  const gathered = emit(
    'GatherND',
    [moved, index],
    [...indices.shape, ...moved.shape.slice(b + 1)],
    x.dtype,
    { batch_dims: b },
  );
  const back = [
    ...range(0, b),
    ...range(b + inner, b + inner + outer),
    ...range(b, b + inner),
    ...range(b + inner + outer, gathered.rank),
  ];
  return transpose(gathered, back);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/** Adds rows of `updates` to `target` at `indices`; duplicates accumulate. */
export function scatterAdd(target: Value, indices: Value, updates: Value): Value {
  return emit('ScatterND', [target, cast(indices, 'int64'), updates], target.shape, target.dtype, {
    reduction: 'add',
  });
}

function scatterNd(indices: Value, updates: Value, shape: number[]): Value {
  const { sliceRank, numUpdates } = tf.backend_util.calculateShapes(
    asTensor(updates),
    asTensor(indices),
    shape,
  );
  const rows = reshape(updates, [numUpdates, ...shape.slice(sliceRank)]);
  return scatterAdd(
    fill(shape, 0, updates.dtype),
    reshape(fromStart(indices), [numUpdates, sliceRank]),
    rows,
  );
}

function sparseToDense(indices: Value, values: Value, defaultValue: Value, outputShape: number[]): Value {
  const { sliceRank, numUpdates } = tf.backend_util.calculateShapes(
    asTensor(values),
    asTensor(indices),
    outputShape,
  );
  const base = emit('Expand', [defaultValue, int64s(outputShape)], outputShape, values.dtype);
  const at = reshape(cast(fromStart(indices), 'int64'), [numUpdates, sliceRank]);
  const updates = emit('Expand', [values, int64s([numUpdates])], [numUpdates], values.dtype);
  return emit('ScatterND', [base, at, updates], outputShape, values.dtype);
}

interface OneHotAttrs {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: GraphDtype;
}

function oneHot(indices: Value, { depth, onValue, offValue, dtype }: OneHotAttrs): Value {
  // ONNX counts negative indices from the end; TensorFlow.js leaves such rows all off.
  const known = where(compare('Less', indices, scalar(0, 'int32')), scalar(depth, 'int32'), indices);
  const values = constant([offValue, onValue], [2], 'float32');
  const flat = reshape(cast(known, 'int64'), [indices.size]);
  const inputs = [flat, scalar(depth, 'int64'), values];
  const hot = emit('OneHot', inputs, [indices.size, depth], 'float32', { axis: -1 });
  return cast(reshape(hot, [...indices.shape, depth]), dtype);
}

/** Sums rows of `x` that share a segment id; drops rows with an id out of range. */
export function segmentSum(x: Value, segmentIds: Value, numSegments: number): Value {
  tf.util.assert(
    sameShape(x.shape.slice(0, segmentIds.rank), segmentIds.shape),
    () => `The segment ids of shape [${segmentIds.shape}] do not match a tensor of shape [${x.shape}].`,
  );
  const inner = x.shape.slice(segmentIds.rank);
  const count = segmentIds.size;
  const target = fill([numSegments, ...inner], 0, x.dtype);
  if (count === 0) return target;
  const ids = reshape(segmentIds, [count]);
  const below = compare('Less', ids, scalar(numSegments, 'int32'));
  const valid = zip('And', below, compare('GreaterOrEqual', ids, scalar(0, 'int32')));
  const column = reshape(valid, [count, ...inner.map(() => 1)]);
  const rows = where(column, reshape(x, [count, ...inner]), scalar(0, x.dtype));
  const safeIds = where(valid, ids, scalar(0, 'int32'));
  return scatterAdd(target, reshape(safeIds, [count, 1]), rows);
}

/** Always sorted: TensorFlow.js puts the lower index of equal values first even if `sorted` is false. */
function topK(x: Value, k: number): Value[] {
  if (x.dtype === 'bool') {
    const [values, indices] = topK(cast(x, 'int32'), k);
    return [cast(values, 'bool'), indices];
  }
  const shape: Shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = emitMany(
    'TopK',
    [x, int64s([k])],
    [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ],
    { axis: -1, largest: 1, sorted: 1 },
  );
  return [values, cast(indices, 'int32')];
}

/** Computes the index of each value in its sorted row: the number of elements before it. */
function searchSorted(sequence: Value, values: Value, side: 'left' | 'right'): Value {
  const [rows, length] = sequence.shape as [number, number];
  const count = values.shape[1];
  const before = compare(
    side === 'left' ? 'Less' : 'LessOrEqual',
    reshape(sequence, [rows, 1, length]),
    reshape(values, [rows, count, 1]),
  );
  return reduce('ReduceSum', cast(before, 'int32'), [2], false);
}

/** The count of each element: its weight, or one. */
function weightsOf(x: Value, weights: Value): Value {
  return weights.size === 0 ? fill(x.shape, 1, weights.dtype) : weights;
}

function denseBincount(x: Value, weights: Value, size: number, binary: boolean): Value {
  const [rows, count] = x.rank === 2 ? (x.shape as [number, number]) : [1, x.size];
  // An offset separates the rows; ids out of range must not reach into the next row.
  const ids = reshape(x, [rows, count]);
  const inRange = zip(
    'And',
    compare('Less', ids, scalar(size, 'int32')),
    compare('GreaterOrEqual', ids, scalar(0, 'int32')),
  );
  const offsets = constant(
    Array.from({ length: rows }, (_, i) => i * size),
    [rows, 1],
    'int32',
  );
  const flatIds = where(inRange, zip('Add', ids, offsets), scalar(-1, 'int32'));
  const counted = binary ? fill(x.shape, 1, weights.dtype) : weightsOf(x, weights);
  const sums = segmentSum(reshape(counted, [x.size]), reshape(flatIds, [x.size]), rows * size);
  const result = binary
    ? where(compare('Greater', sums, scalar(0, sums.dtype)), scalar(1, sums.dtype), scalar(0, sums.dtype))
    : sums;
  return reshape(result, x.rank === 2 ? [rows, size] : [size]);
}
