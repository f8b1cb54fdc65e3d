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
  /** Element type of the values once they are read; `storedAs` may be narrower. Absent if they cannot be read. */
  readonly dtype?: StoredDtype;
  /** The element type in the file: one that can be read ({@link SafetensorsDtype}), or another (`F64`, `F8_E4M3`). */
  readonly storedAs: string;
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

/** Bits per element of the types of the format that cannot be read, because no tensor of TensorFlow.js holds them. */
export const UNREADABLE_DTYPES: Readonly<Record<string, number>> = {
  C64: 64,
  F64: 64,
  U64: 64,
  U32: 32,
  I16: 16,
  U16: 16,
  I8: 8,
  F8_E4M3: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2: 8,
  F8_E5M2FNUZ: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};
