import { float16Bits } from './float16.js';

/**
 * Element types of graph values. TensorFlow.js itself only sees the first three; the last two are of stored weights
 * alone.
 */
export type GraphDtype =
  'float32' | 'int32' | 'bool' | 'int64' | 'float64' | 'uint8' | 'uint64' | 'float16' | 'int8';

/** Typed array of a {@link GraphDtype}; `bool` takes one byte per element, `float16` is its bits. */
export type GraphArray =
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array
  | Float64Array
  | Uint16Array
  | Int8Array;

interface DtypeFacts {
  /** `TensorProto.DataType` of the ONNX specification. */
  readonly onnx: number;
  readonly bytes: number;
  readonly create: (buffer: ArrayBuffer, length: number) => GraphArray;
}

const FACTS: Record<GraphDtype, DtypeFacts> = {
  float32: { onnx: 1, bytes: 4, create: (buffer, n) => new Float32Array(buffer, 0, n) },
  uint8: { onnx: 2, bytes: 1, create: (buffer, n) => new Uint8Array(buffer, 0, n) },
  int8: { onnx: 3, bytes: 1, create: (buffer, n) => new Int8Array(buffer, 0, n) },
  int32: { onnx: 6, bytes: 4, create: (buffer, n) => new Int32Array(buffer, 0, n) },
  int64: { onnx: 7, bytes: 8, create: (buffer, n) => new BigInt64Array(buffer, 0, n) },
  bool: { onnx: 9, bytes: 1, create: (buffer, n) => new Uint8Array(buffer, 0, n) },
  float16: { onnx: 10, bytes: 2, create: (buffer, n) => new Uint16Array(buffer, 0, n) },
  float64: { onnx: 11, bytes: 8, create: (buffer, n) => new Float64Array(buffer, 0, n) },
  uint64: { onnx: 13, bytes: 8, create: (buffer, n) => new BigUint64Array(buffer, 0, n) },
};

export function onnxType(dtype: GraphDtype): number {
  return FACTS[dtype].onnx;
}

export function bytesPerElement(dtype: GraphDtype): number {
  return FACTS[dtype].bytes;
}

/** Returns a typed array of `length` elements over the start of `buffer`. */
export function arrayOver(buffer: ArrayBuffer, dtype: GraphDtype, length: number): GraphArray {
  return FACTS[dtype].create(buffer, length);
}

/** Copies `values` into the typed array of `dtype`. */
export function arrayFrom(values: ArrayLike<number>, dtype: GraphDtype): GraphArray {
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(Array.from(values), BigInt);
    case 'uint64':
      return BigUint64Array.from(Array.from(values), BigInt);
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'float16':
      return float16Bits(Float32Array.from(values));
    case 'int8':
      return Int8Array.from(values);
    case 'bool':
    case 'uint8':
      return Uint8Array.from(values);
  }
}

/** Returns the bytes of a typed array, without a copy. */
export function bytesOf(array: GraphArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
