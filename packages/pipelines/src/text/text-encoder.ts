import { encodeIds, type DiscreteModality } from '@transfusion/modality';
import { TransfusionError } from '@transfusion/errors';
import { modalityAccepting } from '../modality-accepting.js';
import type { TrainedModel } from '../trained-model.js';

/** Encodes a text to ids of the model's vocabulary, without markers. */
export type TextEncoder = (text: string, where: string) => Promise<Int32Array>;

/**
 * Creates the encoder of a model's first text modality.
 *
 * @throws TransfusionError `not-found` if it has none with tokens
 */
export function textEncoder({ model }: TrainedModel): TextEncoder {
  const modality = modalityAccepting(model.modalities, '', 'text');
  if (modality.kind !== 'discrete') {
    throw new TransfusionError(
      'not-found',
      `The modality '${modality.name}' has latents, expected tokens of text. Use a model with a text modality.`,
    );
  }
  const { start } = model.vocabulary.tokensOf(modality.name);
  return async (text, where) => {
    const ids = await encodeIds(modality as DiscreteModality, text, where);
    return ids.map((id) => start + id);
  };
}
