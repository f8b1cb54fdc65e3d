import { inspect } from 'node:util';
import { TransfusionError } from '@transfusion/errors';

/** Creates the error of an unusable record, without its location, which the source prepends. */
export function badRecord(problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError('invalid-record', problem, { cause });
}

/** Returns true for the error of an unusable record, which its readers skip. */
export function isRecordError(error: unknown): error is TransfusionError {
  return TransfusionError.isInstance(error) && ['invalid-record', 'invalid-file'].includes(error.code);
}

/** Creates the error of a file that cannot be read. */
export function badFile(name: string, cause: unknown): TransfusionError {
  return new TransfusionError('invalid-file', describeProblem('file', name, cause), { cause });
}

/** Creates the error of a folder that cannot be read. */
export function badFolder(name: string, cause: unknown): TransfusionError {
  return new TransfusionError('invalid-file', describeProblem('folder', name, cause), { cause });
}

function describeProblem(expected: 'file' | 'folder', name: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `there is no ${expected} '${name}'. Fix the path, or add the ${expected}.`;
  if (code === 'EISDIR') return `'${name}' is a folder, expected a file. Fix the path.`;
  if (code === 'ENOTDIR' && expected === 'folder') return `'${name}' is not a folder. Fix the path.`;
  return `'${name}' cannot be read (${message}). Check the ${expected} and its permissions.`;
}

/** Formats a value for a message: short, on one line. */
export function formatValue(value: unknown): string {
  return inspect(value, { depth: 1, maxStringLength: 40, maxArrayLength: 5, breakLength: Infinity });
}
