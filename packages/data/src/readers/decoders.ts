import { TransfusionError } from '@transfusion/errors';
import { badRecord } from './record-errors.js';

/**
 * Makes a modality's value from a file's bytes (`decodeImage`, say). Whatever it throws makes the
 * record a bad one, except a TransfusionError that blames the program: a wrong argument.
 */
export type Decoder = (bytes: Uint8Array) => Promise<unknown>;

/** Decoders by the name of their modality: `{ image: decodeImage }`. */
export type Decoders = Readonly<Record<string, Decoder>>;

/** The decoder of a modality, if it has one. */
export function decoderOf(decoders: Decoders, modality: string): Decoder | undefined {
  return Object.hasOwn(decoders, modality) ? decoders[modality] : undefined;
}

/**
 * The one decoder of a format whose records hold one file each.
 *
 * @throws TransfusionError `invalid-argument` if there is none, or several
 */
export function soleDecoder(decoders: Decoders, where: string): { modality: string; decode: Decoder } {
  const entries = Object.entries(decoders);
  if (entries.length !== 1) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: decode has ${entries.length} decoders, expected one: { image: decodeImage }, say.`,
    );
  }
  const [[modality, decode]] = entries;
  return { modality, decode };
}

/** Decodes the bytes of `name`. */
export async function decodeFile(decode: Decoder, bytes: Uint8Array, name: string): Promise<unknown> {
  try {
    return await decode(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (!TransfusionError.isInstance(cause)) throw badRecord(`'${name}': ${message}`, cause);
    throw new TransfusionError(cause.code, `'${name}': ${cause.message}`, { cause });
  }
}
