import { createHash } from 'node:crypto';
import { flattenParams, type Params } from '@transfusion/nn';

/** Computes the beginning of the SHA-256 of all weights and their paths, which tells one model from another. */
export async function hashParams(params: Params): Promise<string> {
  const hash = createHash('sha256');
  for (const [path, tensor] of Object.entries(flattenParams(params)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path} ${tensor.shape.join('x')} ${tensor.dtype}\n`);
    const { buffer, byteOffset, byteLength } = await tensor.data();
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex').slice(0, 12);
}
