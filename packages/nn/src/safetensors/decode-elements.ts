import { fromFloat16 } from './float16.js';
import { isReadableDtype, malformed, unreadable, type HeaderEntry } from './header.js';
import { SAFETENSORS_DTYPES, type SafetensorsDtype, type StoredTensor } from './stored-tensor.js';

/**
 * Decodes a tensor from its bytes, whose buffer it may reuse. float16 and bfloat16 become float32 exactly;
 * int64 becomes int32.
 *
 * @throws TransfusionError `invalid-file` for an element type or a value that cannot be held
 */
export function decodeElements(
  bytes: Uint8Array<ArrayBuffer>,
  { shape, storedAs, begin }: HeaderEntry,
  path: string,
  name: string,
): StoredTensor {
  checkReadable(storedAs, path, name);
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
      const misfit = wide.findIndex((value) => BigInt.asIntN(32, value) !== value);
      if (misfit >= 0) {
        const problem = `has the int64 value ${wide[misfit]} at ${misfit}, expected values that fit into int32`;
        throw unreadable(path, name, problem);
      }
      return { shape, dtype: 'int32', data: Int32Array.from(wide, Number) };
    }
    case 'U8':
      return { shape, dtype: 'uint8', data: bytes };
    case 'BOOL': {
      const misfit = bytes.findIndex((value) => value > 1);
      if (misfit >= 0) throw malformed(path, begin + misfit, `'${name}': ${bytes[misfit]} is not a boolean`);
      return { shape, dtype: 'bool', data: bytes };
    }
  }
}

/** @throws TransfusionError `invalid-file` for an element type that no tensor of TensorFlow.js holds */
export function checkReadable(
  storedAs: string,
  path: string,
  name: string,
): asserts storedAs is SafetensorsDtype {
  if (isReadableDtype(storedAs)) return;
  const readable = Object.keys(SAFETENSORS_DTYPES).join(', ');
  throw unreadable(
    path,
    name,
    `is stored as ${storedAs}, expected one of ${readable}: convert it to read it`,
  );
}

function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
