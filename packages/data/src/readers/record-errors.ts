import { inspect } from 'node:util';
import { TransfusionError } from '@transfusion/errors';

/** What makes a record unusable, without its place: that is put before it by the source. */
export function badRecord(problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError('invalid-record', problem, { cause });
}

/** A file that cannot be read, in words that say what to do. */
export function badFile(name: string, cause: unknown): TransfusionError {
  return new TransfusionError('invalid-file', problemOf(name, cause as NodeJS.ErrnoException), { cause });
}

function problemOf(name: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no file '${name}'. Mend the path, or add the file.`;
  if (code === 'EISDIR') return `'${name}' is a folder, expected a file. Mend the path.`;
  return `'${name}' cannot be read (${message}). Mend the file or the rights to it.`;
}

/** A value in a message: short, on one line. */
export function found(value: unknown): string {
  return inspect(value, { depth: 1, maxStringLength: 40, maxArrayLength: 5, breakLength: Infinity });
}
