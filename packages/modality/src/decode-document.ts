import { TransfusionError } from '@transfusion/errors';
import type { SegmentOf } from './document.js';
import { checkLatent, type EncodedDocument, type EncodedSegment } from './encode-document.js';
import type { Modality } from './modality.js';
import type { ModalityRegistry } from './registry.js';

/**
 * Decodes ids and latents, such as a model generates, to values: the inverse of `encodeDocument`.
 *
 * @throws TransfusionError `not-found` for a modality that the registry does not have, `mismatch` for ids or a
 *   latent that do not fit their modality
 */
export async function decodeDocument<M extends Modality>(
  registry: ModalityRegistry<M>,
  document: EncodedDocument,
): Promise<SegmentOf<M>[]> {
  return Promise.all(
    document.map(async (segment, index) => {
      const modality = (registry as unknown as ModalityRegistry).get(segment.modality);
      const value = await decodeSegment(modality, segment, `segment ${index}`);
      return { modality: modality.name, value } as SegmentOf<M>;
    }),
  );
}

async function decodeSegment(modality: Modality, segment: EncodedSegment, where: string): Promise<unknown> {
  if ('ids' in segment && modality.kind === 'discrete') return modality.decode(segment.ids);
  if ('latent' in segment && modality.kind === 'continuous') {
    checkLatent(modality, segment.latent, where);
    const [value] = await modality.codec.decode([segment.latent]);
    return value;
  }
  const [found, expected] = modality.kind === 'discrete' ? ['a latent', 'ids'] : ['ids', 'a latent'];
  throw new TransfusionError(
    'mismatch',
    `${where}: found ${found} of '${modality.name}', expected ${expected}. ` +
      'Decode with the modalities of the model that generated it.',
  );
}
