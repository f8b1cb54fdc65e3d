import { TransfusionError } from '@transfusion/errors';

/** The error for a file of a checkpoint that is damaged, and for its hash that differs. */
export function damaged(path: string, reason: string, found?: string, expected?: unknown): TransfusionError {
  const hashes = found === undefined ? '' : ` (SHA-256 ${brief(found)}, expected ${brief(expected)})`;
  return new TransfusionError(
    'invalid-file',
    `${path}: ${reason}${hashes}. The checkpoint is damaged: copy it anew, or take another one.`,
  );
}

function brief(sha256: unknown): string {
  return typeof sha256 === 'string' ? `${sha256.slice(0, 16)}…` : 'none';
}
