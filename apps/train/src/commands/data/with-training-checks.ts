import { groupKey } from '@transfusion/core';
import { prepareDocument, type DocumentSource, type MixturePart } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { createVocabulary, type Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { Recipe } from '@transfusion/runs';

/**
 * Wraps a source so that it rejects the documents that training would skip: those that do not fit into a batch, or
 * contain values that the codec cannot encode.
 *
 * @param onSpan called with the group key (modality and latent shape) of each span, such as `image:32x32x3`
 */
export function withTrainingChecks(
  { source, transform = (document) => document }: MixturePart,
  { modalities, batch, captionNoiseLimit }: Recipe,
  onSpan: (group: string) => void,
): DocumentSource {
  const model = { modalities, vocabulary: createVocabulary(modalities) };
  const options = { model, batchShape: batch, captionNoiseLimit };

  async function read(index: number, rng: Rng): Promise<Document> {
    const document = await source.read(index, rng);
    const transformed = async (): Promise<Document> => transform(document, rng.fork('transform'));
    const prepared = await prepareDocument({ source, index, rng, read: transformed }, options);
    if ('skipped' in prepared) {
      const { location, reason } = prepared.skipped;
      // `checkSource` counts this code, and would pass others on.
      throw new TransfusionError('invalid-record', `${location}: ${reason}`);
    }
    const spans = prepared.sequences.flatMap(({ layout }) => layout.spans);
    for (const { modality, latentShape } of spans) onSpan(groupKey(modality, latentShape));
    // As it is in the source: transforms may choose among its segments at random.
    return document;
  }

  return { name: source.name, length: source.length, locate: (index) => source.locate(index), read };
}
