/** Kinds of media, and the modalities of a model that read and write them. */
import type { Media, Modality, ModalityRegistry } from '@transfusion/modality';
import { InferenceError, type ModelInfo } from './model-host.js';

/** Kinds of media of the server's APIs: first halves of media types. */
export type MediaKind = ModelInfo['mediaTypes'][number];

const KINDS: readonly MediaKind[] = ['text', 'image', 'audio'];

/**
 * Returns the first modality of a kind: of texts, or whose files have that media type.
 *
 * @param param the field of the request that asks for it
 * @throws InferenceError `invalid` if the model has none
 */
export function modalityOf(registry: ModalityRegistry, kind: string, param?: string): Modality {
  const found = registry.modalities.find((modality) => isOfKind(modality, kind));
  if (found !== undefined) return found;
  const known = kindsOf(registry);
  throw new InferenceError('invalid', `The model has no ${kind}, only ${known.join(' and ')}.`, param);
}

/** Returns the kinds of media that a model has. */
export function kindsOf({ modalities }: ModalityRegistry): MediaKind[] {
  return KINDS.filter((kind) => modalities.some((modality) => isOfKind(modality, kind)));
}

/** Returns true for a modality of a kind of media. */
export function isOfKind(modality: Modality, kind: string): boolean {
  if (kind === 'text') return modality.accepts('');
  return modality.media?.mediaType.startsWith(`${kind}/`) === true;
}

/** Returns the media of a modality. @throws InferenceError `invalid` if it has none */
export function mediaOf({ name, media }: Modality): Media {
  if (media !== undefined) return media as Media;
  throw new InferenceError('invalid', `The model generates '${name}', which has no file format.`);
}
