import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Hashes ONNX files with their external data (`model.onnx_data`, `model.onnx.data`), and a text, to 16 hexadecimal digits.
 */
export async function hashOnnxFiles(paths: readonly string[], text: string): Promise<string> {
  const hash = createHash('sha256').update(text);
  for (const path of paths) {
    const names = await readdir(dirname(path));
    for (const name of names.filter((candidate) => candidate.startsWith(basename(path))).sort()) {
      hash.update(`\n${name}\n`);
      for await (const chunk of createReadStream(join(dirname(path), name))) hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
