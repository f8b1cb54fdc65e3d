import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry, Segment } from '@transfusion/modality';

/**
 * Reads a file as a value of the first modality with its extension; if there is none, of the first modality
 * that can decode it.
 *
 * @throws TransfusionError `invalid-file` for a file that cannot be read or decoded
 */
export async function readSegment({ modalities }: ModalityRegistry, file: string): Promise<Segment> {
  const extension = extname(file).toLowerCase();
  const withFiles = (modalities as readonly Modality[]).filter(({ media }) => media !== undefined);
  const byExtension = withFiles.find(({ media }) => media!.extensions.includes(extension));
  // Any bytes can decode as text.
  const candidates =
    byExtension === undefined ? withFiles.filter((modality) => !modality.accepts('')) : [byExtension];
  const bytes = await readBytes(file);
  let problem: unknown;
  for (const { name, media } of candidates) {
    try {
      return { modality: name, value: await media!.decode(bytes) };
    } catch (error) {
      problem = error;
    }
  }
  if (byExtension !== undefined) throw unreadable(file, problem);
  const extensions = withFiles.flatMap(({ media }) => media!.extensions);
  throw new TransfusionError(
    'invalid-file',
    `${file}: not a file of the model's modalities, expected one of ${extensions.join(', ')}.`,
  );
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${file}: cannot be read (${(cause as Error).message}).`, {
      cause,
    });
  }
}

function unreadable(file: string, cause: unknown): TransfusionError {
  return new TransfusionError('invalid-file', `${file}: ${(cause as Error).message}`, { cause });
}
