import { createHash } from 'node:crypto';

/** Size and SHA-256 of a file. */
export interface FileDigest {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Computes the SHA-256, in hexadecimal. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Creates an incremental digest. */
export function createDigest(): { update(bytes: Uint8Array): void; digest(): FileDigest } {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    update: (piece) => {
      hash.update(piece);
      bytes += piece.length;
    },
    digest: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}
