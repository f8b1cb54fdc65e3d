import { open, type FileHandle } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { checkReadable, decodeElements } from './decode-elements.js';
import { LENGTH_BYTES, malformed, parseHeader, parseHeaderLength } from './header.js';
import type { StoredTensor, StoredTensorInfo } from './stored-tensor.js';

/** An open safetensors file. */
export interface SafetensorsFile {
  readonly path: string;
  /** The file's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors of the file by name. */
  readonly tensors: ReadonlyMap<string, StoredTensorInfo>;
  /**
   * Reads one tensor.
   *
   * @throws TransfusionError `not-found` for a name that is not in `tensors`; `invalid-file` for an unsupported
   *   element type (float64, float8 …), an int64 that does not fit into int32, and a bool that is neither 0 nor 1
   */
  read(name: string): Promise<StoredTensor>;
  /** Closes the file. Until then it remains readable, even if its path is replaced. */
  close(): Promise<void>;
}

/** Options of {@link readSafetensors}. */
export interface ReadSafetensorsOptions {
  /** Called with bytes of the file as they are read and the position of the first, such as for hashing. */
  onBytes?(bytes: Uint8Array, position: number): void;
}

/**
 * Opens a safetensors file and reads its header; tensors are read on request.
 *
 * @throws TransfusionError `invalid-file` if the file does not exist or is malformed; the message names the
 *   byte and the reason
 */
export async function readSafetensors(
  path: string,
  { onBytes }: ReadSafetensorsOptions = {},
): Promise<SafetensorsFile> {
  const { file, size } = await openFile(path);
  const readFrom = async (begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await readBytes(file, begin, end, path);
    onBytes?.(bytes, begin);
    return bytes;
  };
  try {
    const start = await readFrom(0, Math.min(size, LENGTH_BYTES));
    const length = parseHeaderLength(Buffer.from(start), size, path);
    const json = await readFrom(LENGTH_BYTES, LENGTH_BYTES + length);
    const { metadata, tensors } = parseHeader(json, size, path);
    return {
      path,
      metadata,
      tensors,
      read: async (name) => {
        const entry = tensors.get(name);
        if (entry === undefined) {
          throw new TransfusionError(
            'not-found',
            `${path}: has no tensor '${name}'; expected one of ${listNames([...tensors.keys()])}.`,
          );
        }
        checkReadable(entry.storedAs, path, name);
        return decodeElements(await readFrom(entry.begin, entry.end), entry, path, name);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<{ file: FileHandle; size: number }> {
  const fail = (reason: string, cause?: unknown): TransfusionError =>
    new TransfusionError('invalid-file', `${path}: cannot be opened: ${reason}. Check the path.`, { cause });
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw fail(cause.code === 'ENOENT' ? 'the file does not exist' : cause.message, cause);
  });
  const stat = await file.stat();
  if (!stat.isDirectory()) return { file, size: stat.size };
  await file.close();
  throw fail('it is a folder');
}

/** Maximum number of bytes per read. */
const MAX_READ_BYTES = 2 ** 30;

async function readBytes(
  file: FileHandle,
  begin: number,
  end: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - begin);
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(bytes.length - filled, MAX_READ_BYTES);
    const { bytesRead } = await file.read(bytes, filled, length, begin + filled);
    if (bytesRead === 0) throw malformed(path, begin + filled, 'the file was truncated while reading');
    filled += bytesRead;
  }
  return bytes;
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return (
    names
      .slice(0, 5)
      .map((name) => `'${name}'`)
      .join(', ') + more
  );
}
