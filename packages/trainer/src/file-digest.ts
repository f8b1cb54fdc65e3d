import { createHash } from 'node:crypto';

/** Size and SHA-256 of a file. */
export interface FileDigest {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The SHA-256, in hexadecimal. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A digest of bytes that come piece by piece. */
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
