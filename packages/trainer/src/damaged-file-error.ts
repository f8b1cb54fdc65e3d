import { TransfusionError } from '@transfusion/errors';

/**
 * Creates the error for a damaged file of a checkpoint.
 *
 * @param actual SHA-256 of the file, if that is the problem; with `expected`, the recorded one
 */
export function damagedFileError(
  path: string,
  reason: string,
  actual?: string,
  expected?: unknown,
): TransfusionError {
  const hashes =
    actual === undefined ? '' : ` (found ${abbreviate(actual)}, expected ${abbreviate(expected)})`;
  return new TransfusionError(
    'invalid-file',
    `${path}: ${reason}${hashes}. The checkpoint is damaged: copy it again, or use another checkpoint.`,
  );
}

function abbreviate(sha256: unknown): string {
  return typeof sha256 === 'string' ? `${sha256.slice(0, 16)}…` : 'none';
}
