import { groupKey } from '@transfusion/core';
import { prepareDocument, type DocumentSource, type MixturePart } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { createVocabulary, type Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { Recipe } from '@transfusion/runs';

/**
 * Wraps a source so that it rejects the documents that training would skip: those that do not fit into a
 * batch, or with values that the codec cannot encode.
 *
 * @param onSpan called with the group of each span read, such as `image:32x32x3`
 */
export function trainableSource(
  { source, transform = (document) => document }: MixturePart,
  { modalities, batch, captionNoiseLimit }: Recipe,
  onSpan: (group: string) => void,
): DocumentSource {
  const model = { modalities, vocabulary: createVocabulary(modalities) };
  const options = { model, batchShape: batch, captionNoiseLimit };

  async function read(index: number, rng: Rng): Promise<Document> {
    const document = await source.read(index, rng);
    const prepared = await prepareDocument(
      {
        source,
        index,
        epoch: 0,
        rng,
        read: async () => transform(document, rng.fork('transform')),
        next: { position: 0, taken: [] },
      },
      options,
    );
    if ('skipped' in prepared) {
      const { location, reason } = prepared.skipped;
      throw new TransfusionError('invalid-record', `${location}: ${reason}`);
    }
    const spans = prepared.sequences.flatMap(({ layout }) => layout.spans);
    for (const { modality, latentShape } of spans) onSpan(groupKey(modality, latentShape));
    return document;
  }

  return { name: source.name, length: source.length, locate: (index) => source.locate(index), read };
}
