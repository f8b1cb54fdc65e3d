/** Kernels that move elements without computing: shapes, slices, joins, padding, casts. */
import * as tf from '@transfusion/tfjs';
import type { OnnxRuntimeBackend } from '../backend/backend.js';
import { BACKEND_NAME } from '../backend/backend.js';
import {
  cast,
  castWrapping,
  concat,
  fill,
  pad,
  reshape,
  sameShape,
  slice,
  transpose,
} from '../graph/build.js';
import { emit, emitMany, int64s } from '../graph/emit.js';
import type { GraphDtype } from '../graph/dtype.js';
import { sizeOf, type Shape, type Value } from '../graph/value.js';
import { graphKernel, shareOf } from './kernel.js';

export function registerLayoutKernels(): void {
  registerViews();
  graphKernel<{ perm: number[] }>('Transpose', ({ x }, { perm }) => {
    tf.util.assert(
      new Set(perm).size === x.rank && perm.every((axis) => axis >= 0 && axis < x.rank),
      () => `transpose: [${perm}] is not a permutation of the axes of a tensor of shape [${x.shape}].`,
    );
    return transpose(x, perm);
  });
  graphKernel<{ begin: number[]; size: number[] }>('Slice', ({ x }, attrs) => {
    const info = { shape: [...x.shape], dtype: 'float32' } as tf.TensorInfo;
    const [begin, size] = tf.slice_util.parseSliceParams(info, attrs.begin, attrs.size);
    tf.slice_util.assertParamsValid(info, begin, size);
    if (sameShape(size, x.shape)) return x;
    return slice(
      x,
      begin,
      begin.map((start, i) => start + size[i]),
      size,
    );
  });
  graphKernel<StridedSliceAttrs>('StridedSlice', ({ x }, attrs) => stridedSlice(x, attrs));
  graphKernel<{ axis: number }>('Concat', (inputs, { axis }) => {
    const values = Object.values(inputs);
    const [along] = tf.util.parseAxisParam(axis, [...values[0].shape]);
    tf.backend_util.assertParamsConsistent(
      values.map(({ shape }) => [...shape]),
      along,
    );
    return concatAs(values, along);
  });
  graphKernel<{ axis: number }>('Pack', (inputs, { axis }) => {
    const values = Object.values(inputs);
    const along = axis < 0 ? axis + values[0].rank + 1 : axis;
    for (const { shape, dtype } of values) {
      tf.util.assert(
        dtype === values[0].dtype,
        () => `All tensors passed to stack must have matching dtypes`,
      );
      tf.util.assertShapesMatch(
        [...values[0].shape],
        [...shape],
        'All tensors passed to stack must have matching shapes',
      );
    }
    return concat(
      values.map((value) => reshape(value, inserted(value.shape, along, 1))),
      along,
    );
  });
  graphKernel<{ axis: number }>('Unpack', ({ value }, { axis }) => {
    const along = axis < 0 ? axis + value.rank : axis;
    const count = value.shape[along];
    const shape = value.shape.filter((_, i) => i !== along);
    return split(value, new Array<number>(count).fill(1), along).map((part) => reshape(part, shape));
  });
  graphKernel<{ numOrSizeSplits: number | number[]; axis: number }>('SplitV', ({ x }, attrs) => {
    const [along] = tf.util.parseAxisParam(attrs.axis, [...x.shape]);
    const info = { shape: x.shape } as unknown as tf.Tensor;
    return split(x, tf.backend_util.prepareSplitSize(info, attrs.numOrSizeSplits, along), along);
  });
  graphKernel<{ reps: number[] }>('Tile', ({ x }, { reps }) => {
    const shape = x.shape.map((dim, i) => dim * reps[i]);
    return sameShape(x.shape, shape) ? x : emit('Tile', [x, int64s(reps)], shape, x.dtype);
  });
  graphKernel<{ paddings: [number, number][]; constantValue: number }>('PadV2', ({ x }, attrs) =>
    pad(x, attrs.paddings, attrs.constantValue),
  );
  graphKernel<{ paddings: [number, number][]; mode: 'reflect' | 'symmetric' }>('MirrorPad', ({ x }, attrs) =>
    mirrorPad(x, attrs.paddings, attrs.mode === 'reflect' ? 0 : 1),
  );
  graphKernel<{ dims: number | number[] }>('Reverse', ({ x }, { dims }) => {
    return reverse(x, [...new Set(tf.util.parseAxisParam(dims, [...x.shape]))]);
  });
  graphKernel<{ shape: number[] }>('BroadcastTo', ({ x }, { shape }) =>
    emit('Expand', [x, int64s(shape)], shape, x.dtype),
  );
  graphKernel<{ dtype: tf.DataType }>('Cast', ({ x }, { dtype }) => castWrapping(x, dtype as GraphDtype), {
    fallsBack: ({ dtype }) => dtype === 'complex64' || dtype === 'string',
  });
  graphKernel('ZerosLike', ({ x }) => fill(x.shape, 0, x.dtype));
  graphKernel('OnesLike', ({ x }) => fill(x.shape, 1, x.dtype));
  graphKernel('Diag', ({ x }) => diag(x));
  graphKernel<BlockAttrs & { paddings: [number, number][] }>('SpaceToBatchND', ({ x }, attrs) =>
    spaceToBatch(x, attrs.blockShape, attrs.paddings),
  );
  graphKernel<BlockAttrs & { crops: number[][] }>('BatchToSpaceND', ({ x }, attrs) =>
    batchToSpace(x, attrs.blockShape, attrs.crops),
  );
  graphKernel<{ blockSize: number; dataFormat: string }>('DepthToSpace', ({ x }, attrs) =>
    depthToSpace(x, attrs.blockSize),
  );
}

/**
 * Concatenates values of any types, as the cpu backend does: the result has the type of the first, or of
 * the only one that is not empty.
 */
function concatAs(values: readonly Value[], axis: number): Value {
  const { dtype } = values[0];
  const full = values.filter(({ size }) => size > 0);
  if (full.length === 1) return full[0];
  return concat(
    values.map((value) => converted(value, dtype)),
    axis,
  );
}

/** Casts like a store into a typed array of JavaScript: a fraction is truncated, for bool as well. */
function converted(x: Value, dtype: GraphDtype): Value {
  return x.dtype === 'float32' && dtype === 'bool'
    ? cast(castWrapping(x, 'int32'), dtype)
    : castWrapping(x, dtype);
}

/** Kernels that change only the shape: the result shares the data of the input, of any element type. */
function registerViews(): void {
  const view = (
    kernelName: string,
    inputName: string,
    shapeOf: (shape: number[], attrs: Record<string, unknown>) => number[],
  ): void => {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const input = inputs[inputName] as tf.TensorInfo;
        const shape = shapeOf(input.shape, (attrs ?? {}) as Record<string, unknown>);
        return shareOf(input, backend as OnnxRuntimeBackend, shape);
      },
    });
  };
  view('Identity', 'x', (shape) => shape);
  view('Reshape', 'x', (shape, attrs) => {
    const size = sizeOf(shape);
    const target = implicitShape(shape, attrs['shape'] as number[]);
    tf.util.assert(
      size === sizeOf(target),
      () =>
        `The new shape (${target}) has ${sizeOf(target)} elements and the old ` +
        `shape (${shape}) has ${size} elements. The new shape and old ` +
        `shape must have the same number of elements.`,
    );
    return target;
  });
  view('ExpandDims', 'input', (shape, attrs) => {
    const dim = attrs['dim'] as number;
    tf.util.assert(
      -(shape.length + 1) <= dim && dim <= shape.length,
      () => `expandDims: axis ${dim} is not in [${-(shape.length + 1)}, ${shape.length}]`,
    );
    return inserted(shape, dim < 0 ? shape.length + dim + 1 : dim, 1);
  });
}

/** Infers the dimension of the target that is -1, if any. */
function implicitShape(shape: number[], target: number[]): number[] {
  try {
    return tf.util.inferFromImplicitShape(target, sizeOf(shape));
  } catch (cause) {
    throw new Error(`reshape of [${shape}] to [${target}]: ${(cause as Error).message}`, { cause });
  }
}

function inserted(shape: Shape, at: number, dim: number): number[] {
  return [...shape.slice(0, at), dim, ...shape.slice(at)];
}

export function split(x: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [x];
  const shapeFor = (size: number): number[] => x.shape.map((dim, i) => (i === axis ? size : dim));
  if (sizes.includes(0)) {
    let start = 0;
    return sizes.map((size) => slice(x, [start], [(start += size)], shapeFor(size), [axis]));
  }
  const specs = sizes.map((size) => ({ shape: shapeFor(size), dtype: x.dtype }));
  return emitMany('Split', [x, int64s(sizes)], specs, { axis });
}

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

function stridedSlice(x: Value, attrs: StridedSliceAttrs): Value {
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  if (info.isIdentity) return reshape(x, info.finalShape);
  const shape = tf.slice_util
    .computeOutShape(info.begin, info.end, info.strides)
    .map((dim) => Math.max(0, dim));
  // Counting down to the first element ends before index 0, which ONNX expresses as a very negative index.
  const ends = info.end.map((end, i) => (info.strides[i] < 0 && end < 0 ? -(2 ** 31) : end));
  const axes = shape.map((_, i) => i);
  return reshape(slice(x, info.begin, ends, shape, axes, info.strides), info.finalShape);
}

export function reverse(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0 || x.rank === 0) return x;
  const all = (value: number): number[] => axes.map(() => value);
  return slice(x, all(-1), all(-(2 ** 31)), x.shape, axes, all(-1));
}

/** Pads by reflection; `offset` is 1 if the edge itself is repeated (symmetric), else 0. */
function mirrorPad(x: Value, paddings: readonly [number, number][], offset: 0 | 1): Value {
  return paddings.reduce((result, [before, after], axis) => {
    if (before === 0 && after === 0) return result;
    const length = result.shape[axis];
    const indices = Array.from({ length: before + length + after }, (_, i) => {
      const position = i - before;
      if (position < 0) return -position - offset;
      return position < length ? position : 2 * (length - 1) - position + offset;
    });
    const shape = result.shape.map((dim, i) => (i === axis ? indices.length : dim));
    return emit('Gather', [result, int64s(indices)], shape, result.dtype, { axis });
  }, x);
}

/** Diagonal of the flattened input: as many zeros as there are elements follow each. */
function diag(x: Value): Value {
  const n = x.size;
  const rows = pad(reshape(x, [n, 1]), [
    [0, 0],
    [0, n],
  ]);
  const flat = slice(reshape(rows, [n * (n + 1)]), [0], [n * n], [n * n]);
  return reshape(flat, [...x.shape, ...x.shape]);
}

interface BlockAttrs {
  readonly blockShape: number[];
}

function spaceToBatch(x: Value, blockShape: number[], paddings: [number, number][]): Value {
  const rest = x.rank - 1 - blockShape.length;
  const padded = pad(x, [[0, 0], ...paddings, ...new Array<[number, number]>(rest).fill([0, 0])]);
  const block = blockShape.reduce((a, b) => a * b);
  const reshaped = tf.backend_util.getReshaped([...padded.shape], blockShape, block, false);
  const perm = tf.backend_util.getPermuted(reshaped.length, blockShape.length, false);
  const flat = tf.backend_util.getReshapedPermuted([...padded.shape], blockShape, block, false);
  return reshape(transpose(reshape(padded, reshaped), perm), flat);
}

function batchToSpace(x: Value, blockShape: number[], crops: number[][]): Value {
  const block = blockShape.reduce((a, b) => a * b);
  const reshaped = tf.backend_util.getReshaped([...x.shape], blockShape, block);
  const perm = tf.backend_util.getPermuted(reshaped.length, blockShape.length);
  const flat = tf.backend_util.getReshapedPermuted([...x.shape], blockShape, block);
  const begin = tf.backend_util.getSliceBeginCoords(crops, blockShape.length);
  const size = tf.backend_util.getSliceSize(flat, crops, blockShape.length);
  const joined = reshape(transpose(reshape(x, reshaped), perm), flat);
  const cropped = [...size, ...joined.shape.slice(size.length)];
  return slice(
    joined,
    begin,
    begin.map((start, i) => start + size[i]),
    cropped,
  );
}

function depthToSpace(x: Value, block: number): Value {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const depth = c / (block * block);
  const blocks = reshape(x, [n, h, w, block, block, depth]);
  return reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [n, h * block, w * block, depth]);
}
