import { TransfusionError } from '@transfusion/errors';
import { CommanderError } from 'commander';

/** Prints why the server could not start, and returns the exit code. */
export function reportError(error: unknown): number {
  // Commander has already printed it; --help and --version also end up here, with code 0.
  if (error instanceof CommanderError) return error.exitCode;
  const isUserError = TransfusionError.isInstance(error) || (error instanceof Error && 'syscall' in error);
  const { message, stack } = error instanceof Error ? error : { message: String(error) };
  console.error(`error: ${message}`);
  if (!isUserError && stack !== undefined) console.error(stack);
  return 1;
}
