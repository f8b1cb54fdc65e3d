import { TransfusionError } from '@transfusion/errors';
import type { SegmentOf } from './document.js';
import { checkLatent, type EncodedDocument, type EncodedSegment } from './encode-document.js';
import type { Latent } from './latent.js';
import type { ContinuousModality, Modality } from './modality.js';
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
  return (await decodeDocuments(registry, [document]))[0];
}

/**
 * Decodes documents as {@link decodeDocument} does, but the latents of all of them together: a codec decodes many values
 * faster at once than one by one.
 *
 * @throws TransfusionError as {@link decodeDocument}, before anything is decoded
 */
export async function decodeDocuments<M extends Modality>(
  registry: ModalityRegistry<M>,
  documents: readonly EncodedDocument[],
): Promise<SegmentOf<M>[][]> {
  const latents = new Map<ContinuousModality, Latent[]>();
  /** Returns the value of each segment once all latents are decoded. */
  type Pending = (decoded: ReadonlyMap<ContinuousModality, readonly unknown[]>) => unknown;
  const pending = documents.map((document) =>
    document.map((segment, index): { readonly modality: string; readonly value: Pending } => {
      const modality: Modality = (registry as unknown as ModalityRegistry).get(segment.modality);
      checkSegment(modality, segment, `segment ${index}`);
      if (modality.kind === 'discrete') {
        const { ids } = segment as { readonly ids: Int32Array };
        return { modality: modality.name, value: () => modality.decode(ids) };
      }
      const own = latents.get(modality) ?? [];
      latents.set(modality, own);
      const position = own.push((segment as { readonly latent: Latent }).latent) - 1;
      return { modality: modality.name, value: (decoded) => decoded.get(modality)![position] };
    }),
  );
  const decoded = new Map<ContinuousModality, readonly unknown[]>();
  for (const [modality, own] of latents) decoded.set(modality, await modality.codec.decode(own));
  return Promise.all(
    pending.map((segments) =>
      Promise.all(
        segments.map(
          async ({ modality, value }) => ({ modality, value: await value(decoded) }) as SegmentOf<M>,
        ),
      ),
    ),
  );
}

function checkSegment(modality: Modality, segment: EncodedSegment, where: string): void {
  if ('ids' in segment && modality.kind === 'discrete') return;
  if ('latent' in segment && modality.kind === 'continuous') {
    checkLatent(modality, segment.latent, where);
    return;
  }
  const [found, expected] = modality.kind === 'discrete' ? ['a latent', 'ids'] : ['ids', 'a latent'];
  throw new TransfusionError(
    'mismatch',
    `${where}: found ${found} of '${modality.name}', expected ${expected}. ` +
      'Decode with the modalities of the model that generated it.',
  );
}
