/** A model's modalities by the type of their files. */
import type { TrainedModel } from '@transfusion/pipelines';
import { unsupportedError } from '../ai-sdk-errors.js';
import { loadPipelines } from './load-pipelines.js';

type Modality = TrainedModel['model']['modalities']['modalities'][number];

/** A modality whose values can be files. */
export type MediaModality = Modality & { readonly media: NonNullable<Modality['media']> };

/** Returns true for a modality whose values can be files. */
export function hasMedia(modality: Modality): modality is MediaModality {
  return modality.media !== undefined;
}

/**
 * Returns the first modality whose files are of a kind.
 *
 * @param kind such as `image`, of all types `image/*`
 * @throws UnsupportedFunctionalityError if the model has none
 */
export function modalityOfMedia({ model }: TrainedModel, kind: string): MediaModality {
  const { modalities } = model.modalities;
  const found = modalities.filter(hasMedia).find(({ media }) => media.mediaType.startsWith(`${kind}/`));
  if (found !== undefined) return found;
  const names = modalities
    .map(({ name, media }) => `'${name}' (${media?.mediaType ?? 'no files'})`)
    .join(', ');
  throw unsupportedError(
    `transfusionInProcess: the model has no modality with files of type ${kind}/*, only ${names}. ` +
      `Use a model that was trained with one.`,
    `${kind}/* files`,
  );
}

/** Returns the first modality whose values are texts. @throws TransfusionError `not-found` if there is none */
export async function textModality({ model }: TrainedModel): Promise<Modality> {
  const { modalityAccepting } = await loadPipelines();
  return modalityAccepting(model.modalities, '', 'text');
}
