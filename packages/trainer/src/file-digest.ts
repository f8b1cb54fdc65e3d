import { createHash } from 'node:crypto';

/** Size and SHA-256 of a file. */
export interface FileDigest {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Returns the SHA-256 of `content` as a hexadecimal string. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Creates a hasher for a file that is read or written piece by piece; `digest` may be called once. */
export function createFileHasher(): { update(chunk: Uint8Array): void; digest(): FileDigest } {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    update: (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
    },
    digest: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}
