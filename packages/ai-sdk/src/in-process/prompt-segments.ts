import type { GenerateRequest, TrainedModel } from '@transfusion/pipelines';
import type { FileData } from '../file-data.js';
import type { PromptPart } from '../prompt-content.js';
import { modalityOfMedia, textModality } from './modality-of-media.js';

/** A value in a prompt. */
export type PromptSegment = GenerateRequest['prompt'][number];

/**
 * Decodes the parts of a prompt, in order and without empty texts.
 *
 * @throws UnsupportedFunctionalityError for a file of a type that the model has no modality for; TransfusionError
 *   `invalid-record` for one that cannot be read
 */
export async function promptSegments(
  trained: TrainedModel,
  parts: readonly PromptPart[],
): Promise<PromptSegment[]> {
  const segments = parts.map(async (part): Promise<PromptSegment> => {
    if (part.type === 'file') return fileSegment(trained, part);
    return { modality: (await textModality(trained)).name, value: part.text };
  });
  return (await Promise.all(segments)).filter(({ value }) => value !== '');
}

/** Decodes one file. */
export async function fileSegment(
  trained: TrainedModel,
  { mediaType, bytes }: FileData,
): Promise<PromptSegment> {
  const { name, media } = modalityOfMedia(trained, mediaType.split('/')[0]);
  return { modality: name, value: await media.decode(bytes) };
}
