/** Tensors of safetensors files: plain arrays, independent of any engine. */

/** A tensor with its values in row-major order. */
export type StoredTensor = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly data: Int32Array }
  | { readonly dtype: 'uint8'; readonly data: Uint8Array }
  /** 0 or 1. */
  | { readonly dtype: 'bool'; readonly data: Uint8Array }
);

/** Element types of {@link StoredTensor}. */
export type StoredDtype = StoredTensor['dtype'];

/** Description of a tensor in a file, without its values. */
export interface StoredTensorInfo {
  readonly shape: readonly number[];
  /** Element type of the values after reading; `storedAs` may be narrower. */
  readonly dtype: StoredDtype;
  /** Element type in the file. */
  readonly storedAs: SafetensorsDtype;
}

/** A tensor to write; its values are read when it is written, and released afterwards. */
export interface TensorSource {
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Stores float32 as float16 in the file. */
  readonly storedAs?: 'F16';
  read(): Promise<StoredTensor['data']> | StoredTensor['data'];
}

/** Supported element types of safetensors files. */
export type SafetensorsDtype = 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8' | 'BOOL';

/** Bytes per element, and the type after reading; in the order in which files store the types. */
export const SAFETENSORS_DTYPES: Readonly<
  Record<SafetensorsDtype, { readonly bytes: number; readonly dtype: StoredDtype }>
> = {
  I64: { bytes: 8, dtype: 'int32' },
  F32: { bytes: 4, dtype: 'float32' },
  I32: { bytes: 4, dtype: 'int32' },
  BF16: { bytes: 2, dtype: 'float32' },
  F16: { bytes: 2, dtype: 'float32' },
  U8: { bytes: 1, dtype: 'uint8' },
  BOOL: { bytes: 1, dtype: 'bool' },
};
