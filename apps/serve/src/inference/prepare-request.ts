/** Translation of a request with files into one of `@transfusion/pipelines`. */
import type { ModalityRegistry, Segment } from '@transfusion/modality';
import {
  prepareStream,
  type GenerateRequest,
  type ImageInpainting,
  type PreparedStream,
  type TokenUsage,
  type TrainedModel,
} from '@transfusion/pipelines';
import { latentShapeOf, type ImageSize } from './image/image-sizes.js';
import { checkInpaints, prepareInpainting } from './image/inpainting.js';
import { InferenceError, type InferenceRequest, type PromptPart } from './model-host.js';
import { mediaOf, modalityOf } from './model-media.js';
import { oneAtATime } from './one-at-a-time.js';
import type { InferenceLimits } from './protocol.js';

/** A request whose files are decoded and encoded; their pixels are not kept. */
export interface PreparedRequest extends Pick<InferenceRequest, 'numPreviews' | 'size'> {
  readonly stream: PreparedStream;
  /** Present for inpainting. */
  readonly inpainting?: ImageInpainting;
}

/** A model's description, as far as requests depend on it. */
export interface RequestContext {
  readonly trained: TrainedModel;
  readonly sizes: readonly ImageSize[];
  readonly limits: InferenceLimits;
}

/**
 * Checks a request, and encodes its prompt for all outputs. What can be checked without its files is checked at once; files
 * are decoded for one request at a time.
 *
 * @param signals of the outputs: a file that nobody waits for any more is not decoded
 * @throws InferenceError `invalid`; TransfusionError for values that modalities refuse; a signal's reason
 */
export async function prepareRequest(
  context: RequestContext,
  inference: InferenceRequest,
  signals: readonly AbortSignal[],
): Promise<PreparedRequest> {
  const { trained, sizes, limits } = context;
  const { modalities } = trained.model;
  const { mask, numPreviews, size } = inference;
  checkLimits(inference, limits);
  const options = generationOptions(context, inference);
  const parts = [...inference.prompt];
  const image = mask === undefined ? undefined : takeLastFile(parts);
  if (mask !== undefined) checkInpaints(modalities);
  const readers = parts.map((part) => segmentReader(modalities, part));
  const checkAwaited = (): void => {
    if (signals.every(({ aborted }) => aborted)) throw signals[0].reason;
  };
  const prepare = async (): Promise<PreparedRequest> => {
    checkAwaited();
    const masked = image && mask && (await prepareInpainting(trained, sizes, image, mask));
    const prompt: Segment[] = [];
    for (const read of readers) {
      checkAwaited();
      prompt.push(await read());
    }
    checkAwaited();
    const known = masked && { known: masked.known };
    const stream = await prepareStream(trained, { ...options, ...known, prompt });
    checkLimit('the prompt’s tokens', elements(stream.usage), limits.maxPromptTokens);
    checkLimit('the negative prompt’s tokens', elements(stream.negativeUsage), limits.maxPromptTokens);
    return { numPreviews, size, stream, inpainting: masked?.inpainting };
  };
  return inference.prompt.some(({ type }) => type === 'file') ? oneAtATime(prepare) : prepare();
}

/** Returns all of a request but its prompt. */
function generationOptions(
  { trained, sizes, limits }: RequestContext,
  { output, negativePrompt, size, mask, keepsSizeOf, options }: InferenceRequest,
): Omit<GenerateRequest, 'prompt'> {
  const { modalities } = trained.model;
  const { logitBias, maxTokens = limits.maxTokens, ...rest } = options;
  // An empty reply is of no use to anybody who asks for a text.
  const minTokens = rest.minTokens ?? (output === 'text' ? 1 : 0);
  const textName = (): string => modalityOf(modalities, 'text').name;
  return {
    ...rest,
    minTokens,
    maxTokens,
    output: output === 'document' ? output : modalityOf(modalities, output, 'model').name,
    ...(negativePrompt ? { negativePrompt: [{ modality: textName(), value: negativePrompt }] } : {}),
    ...(logitBias === undefined
      ? {}
      : { logitBias: logitBias.map((entry) => ({ ...entry, modality: textName() })) }),
    ...(size === undefined ? {} : { latentShape: latentShapeOf(sizes, size) }),
    ...(size === undefined && mask === undefined ? { latentShapeOf: keepsSizeOf } : {}),
  };
}

/** Returns a function that decodes a part. @throws InferenceError `invalid` if the model has no modality for it */
function segmentReader(modalities: ModalityRegistry, part: PromptPart): () => Promise<Segment> {
  const modality = modalityOf(modalities, part.type === 'text' ? 'text' : part.mediaType.split('/')[0]);
  if (part.type === 'text') return async () => ({ modality: modality.name, value: part.text });
  const media = mediaOf(modality);
  return async () => ({ modality: modality.name, value: await media.decode(part.bytes) });
}

/** Removes the image to inpaint from a prompt. */
function takeLastFile(parts: PromptPart[]): Uint8Array {
  const index = parts.findLastIndex(({ type }) => type === 'file');
  const [part] = index < 0 ? [] : parts.splice(index, 1);
  if (part?.type === 'file') return part.bytes;
  throw new InferenceError(
    'invalid',
    'There is a mask but no image. Send the image that the mask belongs to.',
    'mask',
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
  checkFieldLimit('max_tokens', maxTokens, limits.maxTokens);
  checkFieldLimit('num_inference_steps', numInferenceSteps, limits.maxInferenceSteps);
  checkFieldLimit('max_images', maxSpans, limits.maxSpans);
}

function checkFieldLimit(field: string, value: number, limit: number): void {
  checkLimit(field, value, limit, field);
}

function checkLimit(what: string, value: number, limit: number, param?: string): void {
  if (value <= limit) return;
  const message = `${what}: found ${value}, expected at most ${limit} on this server.`;
  throw new InferenceError('invalid', message, param);
}

function elements({ promptTokens, promptSpanPositions }: TokenUsage): number {
  return promptTokens + promptSpanPositions;
}
