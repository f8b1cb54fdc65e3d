import { createHash } from 'node:crypto';
import { flattenParams, type Params } from '@transfusion/nn';

/** Hashes a network's description (JSON) and all its parameters to 16 hexadecimal digits. */
export async function fingerprint(description: unknown, params: Params): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(description));
  for (const [path, tensor] of Object.entries(flattenParams(params))) {
    const data = (await tensor.data()) as Float32Array;
    hash.update(path).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}
