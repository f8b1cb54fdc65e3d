import { fromFloat16 } from './float16.js';
import type { HeaderEntry } from './header.js';
import type { StoredTensor } from './stored-tensor.js';

/**
 * Decodes a tensor from its bytes, whose buffer it may reuse. float16 and bfloat16 become float32 exactly; int64 becomes
 * int32.
 *
 * @param fail creates the error for a value that cannot be represented; `byte` is its position in the file
 */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  { shape, storedAs, begin }: HeaderEntry,
  fail: (byte: number, reason: string) => Error,
): StoredTensor {
  const { buffer } = bytes;
  switch (storedAs) {
    case 'F32':
      return { shape, dtype: 'float32', data: new Float32Array(buffer) };
    case 'F16':
      return { shape, dtype: 'float32', data: fromFloat16(new Uint16Array(buffer)) };
    case 'BF16':
      return { shape, dtype: 'float32', data: fromBfloat16(new Uint16Array(buffer)) };
    case 'I32':
      return { shape, dtype: 'int32', data: new Int32Array(buffer) };
    case 'I64': {
      const wide = new BigInt64Array(buffer);
      const overflow = wide.findIndex((value) => BigInt.asIntN(32, value) !== value);
      if (overflow >= 0) throw fail(begin + 8 * overflow, `${wide[overflow]} does not fit into int32`);
      return { shape, dtype: 'int32', data: Int32Array.from(wide, Number) };
    }
    case 'U8':
      return { shape, dtype: 'uint8', data: bytes };
    case 'BOOL': {
      const invalid = bytes.findIndex((value) => value > 1);
      if (invalid >= 0) throw fail(begin + invalid, `${bytes[invalid]} is not a boolean`);
      return { shape, dtype: 'bool', data: bytes };
    }
  }
}

function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
