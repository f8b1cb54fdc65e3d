import { TransfusionError } from '@transfusion/errors';
import { checkLatent } from './check-latent.js';
import { decodeIds, decodeLatents } from './decode-values.js';
import type { SegmentOf } from './document.js';
import type { EncodedDocument, EncodedSegment } from './encode-document.js';
import type { Latent } from './latent.js';
import type { ContinuousModality, Modality } from './modality.js';
import type { ModalityRegistry } from './registry.js';

/**
 * Decodes ids and latents, such as a model generates, to values: the inverse of `encodeDocument`.
 *
 * @throws TransfusionError `not-found` for a modality that the registry does not have, `mismatch` for ids or a
 *   latent that do not fit their modality, `invalid-plugin` if it does not return a value for each; and what `decode` and
 *   `codec.decode` throw
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
 * @throws TransfusionError as {@link decodeDocument}; for a document that does not fit, before anything is decoded
 */
export async function decodeDocuments<M extends Modality>(
  registry: ModalityRegistry<M>,
  documents: readonly EncodedDocument[],
): Promise<SegmentOf<M>[][]> {
  const batches = new Map<ContinuousModality, { readonly latents: Latent[]; readonly wheres: string[] }>();
  /** Returns the value of each segment once all latents are decoded. */
  type Pending = (decoded: ReadonlyMap<ContinuousModality, readonly unknown[]>) => unknown;
  const pending = documents.map((document, d) =>
    document.map((segment, index): { readonly modality: string; readonly value: Pending } => {
      const modality: Modality = (registry as unknown as ModalityRegistry).get(segment.modality);
      const where = `${documents.length === 1 ? '' : `document ${d}, `}segment ${index}`;
      checkSegment(modality, segment, where);
      if (modality.kind === 'discrete') {
        const { ids } = segment as { readonly ids: Int32Array };
        return { modality: modality.name, value: () => decodeIds(modality, ids, where) };
      }
      const batch = batches.get(modality) ?? { latents: [], wheres: [] };
      batches.set(modality, batch);
      batch.wheres.push(where);
      const position = batch.latents.push((segment as { readonly latent: Latent }).latent) - 1;
      return { modality: modality.name, value: (decoded) => decoded.get(modality)![position] };
    }),
  );
  const decoded = new Map<ContinuousModality, readonly unknown[]>();
  for (const [modality, { latents, wheres }] of batches) {
    decoded.set(modality, await decodeLatents(modality, latents, wheres));
  }
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
