/** Parameter trees to and from the bytes of a safetensors file, in memory. */
import { decodeElements } from './decode-elements.js';
import { fromFloat16, toFloat16 } from './float16.js';
import { encodeHeader, LENGTH_BYTES, parseHeader, parseHeaderLength } from './header.js';
import { paramsFromSafetensors, paramsToSafetensors } from './params-safetensors.js';
import type { StoredTensor } from './stored-tensor.js';
import type { Params } from '../params.js';

/**
 * Encodes a tree exactly, storing each tensor as float16 if that is lossless: parameters that were read from
 * a float16 file give the bytes of that file.
 *
 * @throws TransfusionError as `paramsToSafetensors` does
 */
export async function encodeParams(params: Params): Promise<Uint8Array> {
  const tensors = await Promise.all(
    Object.entries(paramsToSafetensors(params)).map(async ([name, { shape, dtype, read }]) => {
      const data = await read();
      const halves = data instanceof Float32Array ? toExactFloat16(data) : undefined;
      return { name, shape, dtype, data: halves ?? data, ...(halves && { storedAs: 'F16' as const }) };
    }),
  );
  const { bytes, ordered } = encodeHeader(tensors, {});
  return Buffer.concat([
    bytes,
    ...ordered.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

/**
 * Decodes a tree with the structure of `like`.
 *
 * @param path name of the bytes in error messages
 * @throws TransfusionError `invalid-file` and `mismatch` as `readSafetensors` and `paramsFromSafetensors` do
 */
export async function decodeParams<P extends Params>(like: P, bytes: Uint8Array, path: string): Promise<P> {
  const length = parseHeaderLength(Buffer.from(bytes.subarray(0, LENGTH_BYTES)), bytes.length, path);
  const json = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  const { metadata, tensors } = parseHeader(json, bytes.length, path);
  return paramsFromSafetensors(like, {
    path,
    metadata,
    tensors,
    read: async (name): Promise<StoredTensor> => {
      const entry = tensors.get(name)!;
      return decodeElements(new Uint8Array(bytes.subarray(entry.begin, entry.end)), entry, path, name);
    },
    close: async () => {},
  });
}

/** Returns the values as float16; undefined if that would lose precision. */
function toExactFloat16(values: Float32Array): Uint16Array | undefined {
  const halves = toFloat16(values);
  const rounded = fromFloat16(halves);
  for (let i = 0; i < values.length; i++) if (rounded[i] !== values[i]) return undefined;
  return halves;
}
