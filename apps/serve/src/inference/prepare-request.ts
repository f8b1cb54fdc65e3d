/** Translation of a request with files into one of `@transfusion/pipelines`. */
import type { ModalityRegistry, Segment } from '@transfusion/modality';
import {
  knownLatent,
  type GenerateRequest,
  type ImageInpainting,
  type TrainedModel,
} from '@transfusion/pipelines';
import { InferenceError, type InferenceRequest, type PromptPart } from './model-host.js';
import { latentShapeOf, type ImageSize } from './image/image-sizes.js';
import { inpaintingOf } from './image/inpainting.js';
import { mediaOf, modalityOf } from './model-media.js';
import type { InferenceLimits } from './protocol.js';

/** A request for `generateStream`. */
export interface PreparedRequest {
  readonly request: GenerateRequest;
  /** Present for inpainting. */
  readonly inpainting?: ImageInpainting;
}

/** A model's description, as far as requests depend on it. */
export interface RequestContext {
  readonly trained: TrainedModel;
  readonly sizes: readonly ImageSize[];
  readonly limits: InferenceLimits;
}

/** @throws InferenceError `invalid`; TransfusionError for values that modalities refuse */
export async function prepareRequest(
  { trained, sizes, limits }: RequestContext,
  inference: InferenceRequest,
): Promise<PreparedRequest> {
  const { modalities } = trained.model;
  const { output, negativePrompt, size, mask, isEdit = false, options } = inference;
  checkLimits(inference, limits);
  const parts = [...inference.prompt];
  const inpainting =
    mask === undefined ? undefined : await inpaintingOf(modalities, takeLastFile(parts), mask);
  const prompt = await Promise.all(parts.map((part) => segmentOf(modalities, part)));
  const { logitBias, maxTokens = limits.maxTokens, ...rest } = options;
  // An empty reply is of no use to anybody who asks for a text.
  const minTokens = rest.minTokens ?? (output === 'text' ? 1 : 0);
  const textName = (): string => modalityOf(modalities, 'text').name;
  const fileIndex = parts.findIndex(({ type }) => type === 'file');
  const request: GenerateRequest = {
    ...rest,
    prompt,
    minTokens,
    maxTokens,
    output: output === 'document' ? output : modalityOf(modalities, output).name,
    ...(negativePrompt ? { negativePrompt: [{ modality: textName(), value: negativePrompt }] } : {}),
    ...(logitBias === undefined
      ? {}
      : { logitBias: logitBias.map((entry) => ({ ...entry, modality: textName() })) }),
    ...(size === undefined ? {} : { latentShape: latentShapeOf(sizes, size) }),
    ...(isEdit && size === undefined && fileIndex >= 0 ? { latentShapeOf: fileIndex } : {}),
    ...(inpainting === undefined ? {} : { known: await knownLatent(trained.model, inpainting) }),
  };
  return { request, inpainting };
}

async function segmentOf(modalities: ModalityRegistry, part: PromptPart): Promise<Segment> {
  if (part.type === 'text') return { modality: modalityOf(modalities, 'text').name, value: part.text };
  const modality = modalityOf(modalities, part.mediaType.split('/')[0]);
  return { modality: modality.name, value: await mediaOf(modality).decode(part.bytes) };
}

/** Removes the image to inpaint from a prompt. */
function takeLastFile(parts: PromptPart[]): Uint8Array {
  const index = parts.findLastIndex(({ type }) => type === 'file');
  const [part] = index < 0 ? [] : parts.splice(index, 1);
  if (part?.type === 'file') return part.bytes;
  throw new InferenceError(
    'invalid',
    'There is a mask but no image. Send the image that the mask belongs to.',
  );
}

function checkLimits(
  { prompt, negativePrompt = '', options }: InferenceRequest,
  limits: InferenceLimits,
): void {
  const { maxTokens = 0, numInferenceSteps = 0, maxSpans = 0 } = options;
  // Before texts are tokenized, which takes time: few tokens have more characters than this.
  const characters = prompt.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
  checkLimit('the prompt’s characters', characters + negativePrompt.length, 16 * limits.maxPromptTokens);
  checkLimit('max_tokens', maxTokens, limits.maxTokens);
  checkLimit('num_inference_steps', numInferenceSteps, limits.maxInferenceSteps);
  checkLimit('max_images', maxSpans, limits.maxSpans);
}

/** @throws InferenceError `invalid` if a number is above its limit */
export function checkLimit(what: string, value: number, limit: number): void {
  if (value <= limit) return;
  throw new InferenceError('invalid', `${what}: found ${value}, expected at most ${limit} on this server.`);
}
