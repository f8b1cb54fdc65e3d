import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { toFloat16 } from './float16.js';
import { encodeHeader, MAX_HEADER_BYTES } from './header.js';
import type { StoredDtype, StoredTensor, TensorSource } from './stored-tensor.js';

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /** The file's `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Called with the bytes of the file, in order, before they are written, such as for hashing. */
  onBytes?(bytes: Uint8Array): void;
}

/**
 * Writes a safetensors file. Tensors are read one by one, so at most one is in memory, and equal content
 * gives equal bytes. The write is atomic: the path keeps the old file until the new one is complete on disk.
 * A process that is killed can leave a `.tmp` file beside it.
 *
 * @param tensors tensors by name
 * @throws TransfusionError `invalid-argument` if a tensor's values do not match its shape and dtype, or a
 *   name is `__metadata__`; nothing is written then
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, StoredTensor | TensorSource>>,
  { metadata = {}, onBytes }: WriteSafetensorsOptions = {},
): Promise<void> {
  const { bytes: header, ordered } = encodeHeader(
    Object.entries(tensors).map(([name, tensor]) => ({ ...toSource(tensor), name })),
    metadata,
  );
  checkHeader(path, header, tensors);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    const write = async (bytes: Uint8Array): Promise<void> => {
      onBytes?.(bytes);
      await writeBytes(file, bytes);
    };
    try {
      await write(header);
      for (const source of ordered) {
        const data = await source.read();
        checkData(path, source, data);
        const stored = source.storedAs === 'F16' ? toFloat16(data as Float32Array) : data;
        await write(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

type NamedSource = TensorSource & { readonly name: string };

const ARRAY_TYPES = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<StoredDtype, unknown>;

function toSource(tensor: StoredTensor | TensorSource): TensorSource {
  if ('read' in tensor) return tensor;
  const { shape, dtype, data } = tensor;
  return { shape, dtype, read: () => data };
}

function checkHeader(path: string, header: Buffer, tensors: Readonly<Record<string, unknown>>): void {
  const problem = Object.hasOwn(tensors, '__metadata__')
    ? "the tensor name '__metadata__' is reserved by the format"
    : header.length > MAX_HEADER_BYTES
      ? `the header has ${header.length} bytes, expected at most ${MAX_HEADER_BYTES}; shorten the metadata`
      : undefined;
  if (problem !== undefined)
    throw new TransfusionError('invalid-argument', `writeSafetensors: ${path}: ${problem}.`);
}

function checkData(path: string, { name, shape, dtype }: NamedSource, data: StoredTensor['data']): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (data instanceof ARRAY_TYPES[dtype] && data.length === size) return;
  throw new TransfusionError(
    'invalid-argument',
    `writeSafetensors: ${path}: '${name}' has ${data.length} values in a ${data.constructor.name}, ` +
      `expected ${size} in a ${ARRAY_TYPES[dtype].name} for ${dtype} [${shape.join(', ')}].`,
  );
}

async function writeBytes(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const length = Math.min(bytes.length - written, 2 ** 30);
    written += (await file.write(bytes, written, length)).bytesWritten;
  }
}

/** Makes the rename durable across a power failure; Windows cannot sync folders and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
