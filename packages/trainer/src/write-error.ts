import { TransfusionError } from '@transfusion/errors';

/**
 * Runs `write`; a failure names `path`, and what to do.
 *
 * @throws TransfusionError `training-failed` for errors of the file system
 */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (TransfusionError.isInstance(cause) || code === undefined) throw cause;
    const advice = code === 'ENOSPC' ? 'The disk is full: free some space' : 'Solve that';
    throw new TransfusionError(
      'training-failed',
      `${path} could not be written: ${message}. ${advice}, and start again: a run resumes from its last checkpoint.`,
      { cause },
    );
  }
}
