import { TransfusionError } from '@transfusion/errors';
import type { Media } from '@transfusion/modality';
import { badRecord } from './record-errors.js';

/** A modality whose values are read from files: any modality with `media`, or a name and media alone. */
export interface FileModality {
  /** The modality of the segments. */
  readonly name: string;
  /** Finds and decodes its files. */
  readonly media?: FileMedia;
  /** Returns true for values that stand in a record itself, so that no file is read for them. */
  accepts?(value: unknown): boolean;
}

/** The part of `Media` that reads. Whatever `decode` throws makes the record a bad one, except a wrong argument. */
export type FileMedia = Pick<Media, 'extensions' | 'decode'>;

/** Modalities as a list or in a registry. */
export type FileModalities = readonly FileModality[] | { readonly modalities: readonly FileModality[] };

/** Returns the modalities as a list. */
export function listModalities(modalities: FileModalities): readonly FileModality[] {
  return 'modalities' in modalities ? modalities.modalities : modalities;
}

/**
 * Returns the media of a modality.
 *
 * @throws TransfusionError `invalid-argument` if it has none
 */
export function mediaOf({ name, media }: FileModality, reader: string): FileMedia {
  if (media !== undefined) return media;
  throw new TransfusionError(
    'invalid-argument',
    `${reader}: the modality '${name}' has no media, which says what its files end in and how they are decoded. ` +
      'Give it media, or pass { name, media }.',
  );
}

/** Decodes the bytes of `name`. */
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
