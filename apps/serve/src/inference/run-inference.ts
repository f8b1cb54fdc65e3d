/** One request in the model's process: from files to events with files. */
import type { Modality } from '@transfusion/modality';
import { isRgbImage, resizeImage, type RgbImage } from '@transfusion/modality-image';
import { generateStream, withKnownPixels, type OutputEvent } from '@transfusion/pipelines';
import type { InferenceEvent, InferenceRequest } from './model-host.js';
import { mediaOf, type ImageSize } from './model-media.js';
import { checkLimit, prepareRequest, type RequestContext } from './prepare-request.js';

/** Generates one output, and yields its events. @throws InferenceError or TransfusionError */
export async function* runInference(
  context: RequestContext,
  inference: InferenceRequest,
  signal: AbortSignal,
): AsyncGenerator<InferenceEvent, void> {
  const { trained, sizes, limits } = context;
  const { modalities } = trained.model;
  const { request, inpainting } = await prepareRequest(context, inference);
  const { numPreviews = 0 } = inference;
  let numShown = 0;
  let lastStep = performance.now();
  for await (const event of generateStream(trained, request, { signal })) {
    if (event.type === 'start') {
      const { promptTokens, promptSpanPositions } = event.usage;
      checkLimit('the prompt’s tokens', promptTokens + promptSpanPositions, limits.maxPromptTokens);
      lastStep = performance.now();
      yield event;
    } else if (event.type === 'text') yield { type: 'text', text: event.text };
    else if (event.type === 'denoise-step') {
      const now = performance.now();
      yield { type: 'denoise-step', milliseconds: now - lastStep };
      lastStep = now;
      if (!isPreviewStep(event, numPreviews)) continue;
      const value = await previewValue(event, sizes, inference);
      if (value === undefined) continue;
      const file = await fileOf(modalities.get(event.modality) as Modality, value);
      yield { type: 'preview', index: numShown++, ...file };
    } else if (event.type === 'value') {
      const { value } = event;
      const isInpainted = inpainting !== undefined && isRgbImage(value);
      const whole = isInpainted ? await withKnownPixels(value, inpainting) : value;
      yield { type: 'file', ...(await fileOf(modalities.get(event.modality) as Modality, whole)) };
      numShown = 0;
    } else yield event;
  }
}

/** Returns true for the steps whose previews are shown: evenly spaced, none at the end. */
function isPreviewStep(
  { step, numSteps }: { readonly step: number; readonly numSteps: number },
  numPreviews: number,
): boolean {
  for (let i = 1; i <= numPreviews; i++) {
    if (step < numSteps && step === Math.round((i * numSteps) / (numPreviews + 1))) return true;
  }
  return false;
}

/** Returns a preview as large as the image that it will become, if that is known. */
async function previewValue(
  event: Extract<OutputEvent, { type: 'denoise-step' }>,
  sizes: readonly ImageSize[],
  { size: asked }: InferenceRequest,
): Promise<unknown> {
  const value = event.preview();
  if (!isRgbImage(value)) return value;
  const [width, height] = asked ?? sizeLike(value, sizes) ?? [value.width, value.height];
  return resizeImage(value, width, height);
}

/** Returns the size of the first image with the aspect ratio of a preview. */
function sizeLike(
  { width, height }: RgbImage,
  sizes: readonly ImageSize[],
): readonly [number, number] | undefined {
  const size = sizes.find((candidate) => candidate.width * height === candidate.height * width);
  return size && [size.width, size.height];
}

async function fileOf(
  modality: Modality,
  value: unknown,
): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }> {
  const media = mediaOf(modality);
  return { mediaType: media.mediaType, bytes: await media.encode(value) };
}
