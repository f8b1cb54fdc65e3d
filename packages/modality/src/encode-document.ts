import { TransfusionError } from '@transfusion/errors';
import { isCachedLatent, type CachedLatent } from './cached-latent.js';
import { callPlugin } from './call-plugin.js';
import { checkLatent } from './check-latent.js';
import { describeValue } from './describe-value.js';
import type { Document, Segment } from './document.js';
import { encodeIds, encodeLatents } from './encode-values.js';
import type { Latent } from './latent.js';
import type { ContinuousModality, DiscreteModality } from './modality.js';
import type { ModalityRegistry } from './registry.js';

/** A segment as the model sees it: token ids of a discrete modality (from 0), or a latent. */
export type EncodedSegment =
  | {
      readonly modality: string;
      readonly ids: Int32Array;
      /** As in {@link Segment}. */
      readonly trainable?: boolean;
    }
  | { readonly modality: string; readonly latent: Latent };

/** A document as the model sees it. */
export type EncodedDocument = readonly EncodedSegment[];

/**
 * Encodes a document's values to ids and latents. The latent of a {@link CachedLatent} is used as it is.
 *
 * @throws TransfusionError `invalid-record` for a value that its modality does not accept, or whose latent has a non-finite
 *   element; `mismatch` for a latent of a shape that the modality does not list, or of a different codec; `invalid-plugin`
 *   for what the modality's contract does not allow; and what `encode` and `codec.encode` throw
 */
export async function encodeDocument(
  registry: ModalityRegistry,
  document: Document,
): Promise<EncodedDocument> {
  return (await encodeDocuments(registry, [document]))[0];
}

/**
 * Encodes documents as {@link encodeDocument} does, but the values of a codec in all of them together: a codec encodes many
 * values faster at once than one by one, with a rounding that depends on how many they are.
 *
 * @param first number of the first document in error messages, for a batch of more documents; defaults to 0
 * @throws TransfusionError as {@link encodeDocument}; for a value that its modality does not accept, before anything is
 *   encoded
 */
export async function encodeDocuments(
  registry: ModalityRegistry,
  documents: readonly Document[],
  first = 0,
): Promise<EncodedDocument[]> {
  const batches: Batches = new Map();
  const pending = documents.map((document, d) => {
    const where = first === 0 && documents.length === 1 ? '' : `document ${first + d}, `;
    if (!Array.isArray(document?.segments)) {
      throw new TransfusionError(
        'invalid-argument',
        `encodeDocument: ${where}the document has no list of segments, expected { segments: [{ modality, value }, …] }.`,
      );
    }
    return (document as Document).segments.map((segment, index) =>
      prepareSegment(registry, segment, batches, `${where}segment ${index}`),
    );
  });
  const encoded = new Map<ContinuousModality, readonly Latent[]>();
  for (const [modality, { values, wheres }] of batches) {
    encoded.set(modality, await encodeLatents(modality, values, wheres));
  }
  return Promise.all(pending.map((segments) => Promise.all(segments.map(async (finish) => finish(encoded)))));
}

/** The values that each codec encodes, with their places for messages. */
type Batches = Map<ContinuousModality, { readonly values: unknown[]; readonly wheres: string[] }>;

/** Returns an encoded segment once all values of codecs are encoded. */
type PendingSegment = (
  encoded: ReadonlyMap<ContinuousModality, readonly Latent[]>,
) => EncodedSegment | Promise<EncodedSegment>;

/** Checks a segment, and adds the value that a codec encodes to the batch of its modality. */
function prepareSegment(
  registry: ModalityRegistry,
  { modality: name, value, trainable }: Segment,
  batches: Batches,
  where: string,
): PendingSegment {
  const modality = registry.get(name) as DiscreteModality | ContinuousModality;
  if (trainable === false && modality.kind === 'continuous') {
    throw new TransfusionError(
      'invalid-record',
      `${where}: has 'trainable: false', but '${name}' is a continuous modality, expected a discrete one. ` +
        'Remove trainable.',
    );
  }
  if (isCachedLatent(value) && modality.kind === 'continuous') {
    checkCodec(modality, value, where);
    checkLatent(modality, value.latent, where);
    return () => ({ modality: name, latent: value.latent });
  }
  if (!callPlugin(`${where}: accepts() of modality '${name}'`, () => modality.accepts(value))) {
    throw new TransfusionError(
      'invalid-record',
      `${where}: found ${describeValue(value)}, expected a value of '${name}'. Fix the value, or use another modality.`,
    );
  }
  if (modality.kind === 'discrete') {
    return async () => {
      const ids = await encodeIds(modality, value, where);
      return trainable === false ? { modality: name, ids, trainable } : { modality: name, ids };
    };
  }
  const batch = batches.get(modality) ?? { values: [], wheres: [] };
  batches.set(modality, batch);
  const position = batch.values.push(value) - 1;
  batch.wheres.push(where);
  return (encoded) => ({ modality: name, latent: encoded.get(modality)![position] });
}

function checkCodec({ name, codec }: ContinuousModality, cached: CachedLatent, where: string): void {
  if (cached.codec === codec.id) return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the latent is from the codec '${cached.codec}', expected '${codec.id}', the codec of '${name}'. Cache the latents again.`,
  );
}
