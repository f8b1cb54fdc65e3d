import { readFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';

/**
 * Returns the prompts of `sample`: the one on the command line, or the lines of a file; blank lines are skipped.
 *
 * @throws TransfusionError `invalid-argument` unless exactly one of them is given, `invalid-file` for a file that cannot
 *   be read, is not UTF-8, or has no prompts
 */
export async function readPrompts(prompt: string | undefined, path: string | undefined): Promise<string[]> {
  if ((prompt === undefined) === (path === undefined)) {
    const found = prompt === undefined ? 'neither' : 'both';
    throw new TransfusionError(
      'invalid-argument',
      `sample: found ${found} of <prompt> and --prompts <file>, expected one of them; "" is an empty prompt.`,
    );
  }
  if (path === undefined) return [prompt!];
  const lines = (await readText(path)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines;
  throw new TransfusionError('invalid-file', `${path}: the file has no prompts, expected one per line.`);
}

async function readText(path: string): Promise<string> {
  try {
    // Drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: cannot be read (${(cause as Error).message}).`, {
      cause,
    });
  }
}
