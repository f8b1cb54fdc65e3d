/** Tensors as safetensors files hold them: plain arrays, outside any engine. */

/** A tensor's values in row-major order. */
export type StoredTensor = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly data: Int32Array }
  | { readonly dtype: 'uint8'; readonly data: Uint8Array }
  /** 0 or 1. */
  | { readonly dtype: 'bool'; readonly data: Uint8Array }
);

/** Element types of {@link StoredTensor}. */
export type StoredDtype = StoredTensor['dtype'];

/** What a file says of a tensor before its values are read. */
export interface StoredTensorInfo {
  readonly shape: readonly number[];
  /** What the values will be; `storedAs` may be narrower. */
  readonly dtype: StoredDtype;
  /** The element type in the file. */
  readonly storedAs: SafetensorsDtype;
}

/** A tensor to be written; its values are asked for when their turn comes, and let go after it. */
export interface TensorSource {
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Only for float32: written in half precision. */
  readonly storedAs?: 'F16';
  read(): Promise<StoredTensor['data']> | StoredTensor['data'];
}

/** Element types of safetensors files that can be read. */
export type SafetensorsDtype = 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8' | 'BOOL';

/** Bytes per element, and what the elements become. The order is that in which files hold the types. */
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
