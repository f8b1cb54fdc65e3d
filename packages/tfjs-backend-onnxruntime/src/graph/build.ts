/** Building blocks shared by many kernels. */
import * as tf from '@transfusion/tfjs';
import { emit, int64s, offsets, scalar } from './emit.js';
import { onnxType, type GraphDtype } from './dtype.js';
import { constant, sizeOf, type Attributes, type Shape, type Value } from './value.js';

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** Applies an operator that keeps shape and element type. */
export function map(opType: string, x: Value, attributes?: Attributes): Value {
  return emit(opType, [x], x.shape, x.dtype, attributes);
}

/** Applies an operator to two values that broadcast; the result's `dtype` defaults to that of `a`. */
export function zip(opType: string, a: Value, b: Value, dtype: GraphDtype = a.dtype): Value {
  return emit(opType, [a, b], broadcastShape(a.shape, b.shape), dtype);
}

export function broadcastShape(a: Shape, b: Shape): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
}

export function reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  return emit('Reshape', [x, int64s(shape)], shape, x.dtype, { allowzero: 1 });
}

export function transpose(x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, i) => axis === i)) return x;
  return emit(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]),
    x.dtype,
    { perm },
  );
}

/** Casts with ONNX `Cast`, which truncates floating point to integers. */
export function cast(x: Value, dtype: GraphDtype): Value {
  if (x.dtype === dtype) return x;
  return emit('Cast', [x], x.shape, dtype, { to: onnxType(dtype) });
}

/** Casts with JavaScript's conversion to int32: NaN and infinities become 0, large values wrap. */
export function castWrapping(x: Value, dtype: GraphDtype): Value {
  if (dtype !== 'int32' || (x.dtype !== 'float32' && x.dtype !== 'float64')) return cast(x, dtype);
  const finite = emit('Less', [map('Abs', x), scalar(Infinity, x.dtype)], x.shape, 'bool');
  const kept = where(finite, x, scalar(0, x.dtype));
  const small = emit('Mod', [kept, scalar(2 ** 32, x.dtype)], x.shape, x.dtype, { fmod: 1 });
  // The mask changes nothing, but keeps ONNX Runtime from merging the casts, which would saturate.
  const low = emit('BitwiseAnd', [cast(small, 'int64'), scalar(2 ** 32 - 1, 'int64')], x.shape, 'int64');
  return cast(low, 'int32');
}

/** Returns a value filled with one element. */
export function fill(shape: Shape, value: number, dtype: GraphDtype): Value {
  if (sizeOf(shape) <= 1) return constant(new Array<number>(sizeOf(shape)).fill(value), shape, dtype);
  return emit('Expand', [scalar(value, dtype), int64s(shape)], shape, dtype);
}

export function where(condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(yes.shape, no.shape));
  if (yes.dtype !== 'bool') return emit('Where', [condition, yes, no], shape, yes.dtype);
  // ONNX Runtime's Where has no bool kernel.
  const bytes = emit('Where', [condition, cast(yes, 'uint8'), cast(no, 'uint8')], shape, 'uint8');
  return cast(bytes, 'bool');
}

/** Slices `x[starts[i] : ends[i] : steps[i]]` along each of `axes`; the caller passes the result's shape. */
export function slice(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  shape: Shape,
  axes: readonly number[] = starts.map((_, i) => i),
  steps?: readonly number[],
): Value {
  const inputs = [x, offsets(starts), offsets(ends), int64s(axes)];
  if (steps !== undefined) inputs.push(int64s(steps));
  return emit('Slice', inputs, shape, x.dtype);
}

/** Concatenates along `axis`, without empty values, which not all operators accept. */
export function concat(values: readonly Value[], axis: number): Value {
  const shape = [...values[0].shape];
  shape[axis] = values.reduce((sum, { shape: s }) => sum + s[axis], 0);
  const parts = values.filter(({ shape: s }) => s[axis] !== 0);
  if (parts.length === 1) return parts[0];
  return emit('Concat', parts, shape, values[0].dtype, { axis });
}

/** Pads with a constant, zero unless set: `paddings[i]` elements before and after along axis `i`. */
export function pad(x: Value, paddings: readonly (readonly [number, number])[], value = 0): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((dim, i) => dim + paddings[i][0] + paddings[i][1]);
  if (x.size === 0) return fill(shape, value, x.dtype);
  const pads = int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  if (x.dtype === 'bool') {
    const bytes = emit('Pad', [cast(x, 'uint8'), pads, scalar(value, 'uint8')], shape, 'uint8');
    return cast(bytes, 'bool');
  }
  return emit('Pad', [x, pads, scalar(value, x.dtype)], shape, x.dtype);
}

/** Reduces over `axes` with one of ONNX's `Reduce…` operators. */
export function reduce(opType: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
  if (axes.length === 0) return x;
  const shape = keepDims
    ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    : x.shape.filter((_, i) => !axes.includes(i));
  return emit(opType, [x, int64s(axes)], shape, x.dtype, { keepdims: keepDims ? 1 : 0 });
}

/** Multiplies the matrices in the last two axes; leading axes broadcast. */
export function matMul(a: Value, b: Value): Value {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, a.shape[a.rank - 2], b.shape[b.rank - 1]];
  if (a.shape[a.rank - 1] === 0) return fill(shape, 0, a.dtype);
  return emit('MatMul', [a, b], shape, a.dtype);
}

/** Transposes the last two axes. */
export function swapLastTwo(x: Value): Value {
  const perm = x.shape.map((_, i) => i);
  perm.push(...perm.splice(-2).reverse());
  return transpose(x, perm);
}
