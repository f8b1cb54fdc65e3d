/** Reading of a checkpoint's files, verified against size and SHA-256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { readSafetensors, type SafetensorsFile } from '@transfusion/nn';
import { damagedFileError } from './damaged-file-error.js';
import { sha256Of, type FileDigest } from './file-digest.js';

/**
 * Reads from a safetensors file and verifies all of it. Bytes that are read in file order are hashed on the
 * fly; only the others are read again for the hash.
 *
 * @param discard frees the result if the file turns out to be damaged
 * @throws TransfusionError `invalid-file` if it is missing or damaged, and any error of `read`
 */
export async function readVerifiedTensors<T>(
  path: string,
  expected: FileDigest,
  read: (file: SafetensorsFile) => Promise<T>,
  discard: (result: T) => void = () => undefined,
): Promise<T> {
  await checkSize(path, expected);
  const hash = createHash('sha256');
  let hashed = 0;
  const onBytes = (bytes: Uint8Array, position: number): void => {
    if (position !== hashed) return;
    hash.update(bytes);
    hashed += bytes.length;
  };
  let result: T;
  try {
    const file = await readSafetensors(path, { onBytes });
    result = await read(file).finally(() => file.close());
  } catch (error) {
    // Damage can look like a malformed file or a different model: report the cause.
    await verifyFile(path, expected);
    throw error;
  }
  try {
    for await (const bytes of createReadStream(path, { start: hashed })) hash.update(bytes as Buffer);
    checkHash(path, hash.digest('hex'), expected);
  } catch (error) {
    discard(result);
    throw error;
  }
  return result;
}

/** Reads and verifies a file. @throws TransfusionError `invalid-file` if it is missing or damaged */
export async function readVerifiedFile(path: string, expected: FileDigest): Promise<Uint8Array> {
  await checkSize(path, expected);
  const content = await readFile(path);
  checkHash(path, sha256Of(content), expected);
  return content;
}

/** Verifies a file. @throws TransfusionError `invalid-file` if it is missing or damaged */
export async function verifyFile(path: string, expected: FileDigest): Promise<void> {
  await checkSize(path, expected);
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(bytes as Buffer);
  checkHash(path, hash.digest('hex'), expected);
}

/** Checks that a file exists with the expected size. @throws TransfusionError `invalid-file` otherwise */
export async function checkSize(path: string, { bytes }: FileDigest): Promise<void> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw damagedFileError(
      path,
      code === 'ENOENT' ? 'the file does not exist, but checkpoint.json lists it' : message,
    );
  }
  if (size !== bytes)
    throw damagedFileError(path, `it has ${size} bytes, expected ${bytes} according to checkpoint.json`);
}

function checkHash(path: string, actual: string, { sha256 }: FileDigest): void {
  if (actual !== sha256) throw damagedFileError(path, 'SHA-256 mismatch', actual, sha256);
}
