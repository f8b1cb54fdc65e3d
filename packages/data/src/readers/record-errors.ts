import { inspect } from 'node:util';
import { TransfusionError } from '@transfusion/errors';

/** Makes the error of an unusable record, without its location, which the source puts before it. */
export function badRecord(problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError('invalid-record', problem, { cause });
}

/** Makes the error of a file that cannot be read. */
export function badFile(name: string, cause: unknown): TransfusionError {
  return new TransfusionError('invalid-file', problemOf(name, cause as NodeJS.ErrnoException), { cause });
}

function problemOf(name: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no file '${name}'. Mend the path, or add the file.`;
  if (code === 'EISDIR') return `'${name}' is a folder, expected a file. Mend the path.`;
  return `'${name}' cannot be read (${message}). Mend the file or the rights to it.`;
}

/** Formats a value for a message: short, on one line. */
export function found(value: unknown): string {
  return inspect(value, { depth: 1, maxStringLength: 40, maxArrayLength: 5, breakLength: Infinity });
}
