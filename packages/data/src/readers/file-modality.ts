import { TransfusionError } from '@transfusion/errors';
import type { Media } from '@transfusion/modality';
import { badRecord } from './record-errors.js';

/** A modality whose values are read from files: any modality with `media`, or just a name and media. */
export interface FileModality {
  /** Name of the modality, for segments. */
  readonly name: string;
  /** Extensions and decoder of its files. */
  readonly media?: FileMedia;
  /** Returns true for values that a record holds itself, rather than the path of a file. */
  accepts?(value: unknown): boolean;
}

/**
 * The part of `Media` that reads files. A record whose file `decode` refuses is skipped, unless it throws
 * `invalid-argument`.
 */
export type FileMedia = Pick<Media, 'extensions' | 'decode'>;

/** A list of modalities, or a registry. */
export type FileModalities = readonly FileModality[] | { readonly modalities: readonly FileModality[] };

/** Returns the modalities as a list. */
export function listModalities(modalities: FileModalities): readonly FileModality[] {
  return 'modalities' in modalities ? modalities.modalities : modalities;
}

/**
 * Returns the media of a modality; messages begin with `reader`.
 *
 * @throws TransfusionError `invalid-argument` if it has none
 */
export function requireMedia({ name, media }: FileModality, reader: string): FileMedia {
  if (media !== undefined) return media;
  throw new TransfusionError(
    'invalid-argument',
    `${reader}: the modality '${name}' has no media, which are needed to find and decode its files. ` +
      'Use a modality with media, or pass { name, media }.',
  );
}

/** Decodes the bytes of a file, which messages call `name`. @throws TransfusionError if `decode` throws */
export async function decodeFile(
  decode: FileMedia['decode'],
  bytes: Uint8Array,
  name: string,
): Promise<unknown> {
  try {
    return await decode(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (!TransfusionError.isInstance(cause)) throw badRecord(`'${name}': ${message}`, cause);
    throw new TransfusionError(cause.code, `'${name}': ${cause.message}`, { cause });
  }
}
