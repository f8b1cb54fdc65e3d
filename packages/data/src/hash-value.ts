import { createHash, type Hash } from 'node:crypto';

/** Hashes a value of any modality: plain objects, arrays, typed arrays, strings and numbers. */
export function hashValue(value: unknown): string {
  const hash = createHash('sha256');
  update(hash, value);
  return hash.digest('hex').slice(0, 32);
}

/** Prefixes each part with its type and length, so that different values never feed the hash the same bytes. */
function update(hash: Hash, value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    hash.update(`bytes ${value.byteLength} ${value.constructor.name}:`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    hash.update(`object ${entries.length}:`);
    for (const [key, child] of entries) {
      update(hash, key);
      update(hash, child);
    }
  } else {
    const text = String(value);
    hash.update(`${typeof value} ${text.length}:${text}`);
  }
}
