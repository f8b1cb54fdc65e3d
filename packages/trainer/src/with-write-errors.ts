import { TransfusionError } from '@transfusion/errors';

/**
 * Runs `write` and converts file system errors into errors that name `path` and a remedy.
 *
 * @throws TransfusionError `training-failed` for file system errors
 */
export async function withWriteErrors<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (TransfusionError.isInstance(cause) || code === undefined) throw cause;
    const remedy = code === 'ENOSPC' ? 'The disk is full: free some space' : 'Fix that';
    throw new TransfusionError(
      'training-failed',
      `${path} could not be written: ${message}. ${remedy}, then start again: a run resumes from its last checkpoint.`,
      { cause },
    );
  }
}
