/** Files of a checkpoint, checked against size and SHA-256 while they are read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { readSafetensors, type SafetensorsFile } from '@transfusion/nn';
import { damaged } from './damaged.js';
import { sha256Of, type FileDigest } from './file-digest.js';

/**
 * Reads from a safetensors file and checks the whole of it. Tensors that are read in the file's order are hashed on
 * the way; only what is left is read for the hash.
 *
 * @param discard frees what was read if the file turns out to be damaged
 * @throws TransfusionError `invalid-file` if it is missing or damaged, and what `read` throws
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
    // Damage can look like a malformed file or like another model's: it is the cause then.
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

/** Reads a file and checks it. @throws TransfusionError `invalid-file` if it is missing or damaged */
export async function readVerifiedFile(path: string, expected: FileDigest): Promise<Uint8Array> {
  await checkSize(path, expected);
  const content = await readFile(path);
  checkHash(path, sha256Of(content), expected);
  return content;
}

/** Checks a file. @throws TransfusionError `invalid-file` if it is missing or damaged */
export async function verifyFile(path: string, expected: FileDigest): Promise<void> {
  await checkSize(path, expected);
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(bytes as Buffer);
  checkHash(path, hash.digest('hex'), expected);
}

/** Checks that a file is there, with the size expected. @throws TransfusionError `invalid-file` if it is not */
export async function checkSize(path: string, { bytes }: FileDigest): Promise<void> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw damaged(path, code === 'ENOENT' ? 'there is no such file, but checkpoint.json lists it' : message);
  }
  if (size !== bytes) throw damaged(path, `it has ${size} bytes, but ${bytes} according to checkpoint.json`);
}

function checkHash(path: string, found: string, { sha256 }: FileDigest): void {
  if (found !== sha256) throw damaged(path, 'its content is not what checkpoint.json says', found, sha256);
}
