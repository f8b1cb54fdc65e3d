/** One output in the model's process: events with files. */
import type { Modality } from '@transfusion/modality';
import { previewInFullSize } from './image/image-sizes.js';
import { finishInpainting } from './image/inpainting.js';
import type { InferenceEvent } from './model-host.js';
import { mediaOf } from './model-media.js';
import type { PreparedRequest, RequestContext } from './prepare-request.js';

/** Generates one output, and yields its events. @throws InferenceError or TransfusionError */
export async function* runInference(
  { trained, sizes }: RequestContext,
  { stream, inpainting, numPreviews = 0, size }: PreparedRequest,
  seed: number,
  signal: AbortSignal,
): AsyncGenerator<InferenceEvent, void> {
  const { modalities } = trained.model;
  let numShown = 0;
  let lastStep = performance.now();
  for await (const event of stream.start({ seed, signal })) {
    if (event.type === 'start') {
      lastStep = performance.now();
      yield event;
    } else if (event.type === 'text') yield { type: 'text', text: event.text };
    else if (event.type === 'denoise-step') {
      const now = performance.now();
      const { step, numSteps } = event;
      const { mediaType } = mediaOf(modalities.get(event.modality) as Modality);
      yield { type: 'denoise-step', mediaType, step, numSteps, milliseconds: now - lastStep };
      lastStep = now;
      if (!isPreviewStep(event, numPreviews)) continue;
      const value = await previewInFullSize(event.preview(), sizes, size);
      if (value === undefined) continue;
      const file = await fileOf(modalities.get(event.modality) as Modality, value);
      yield { type: 'preview', index: numShown++, ...file };
    } else if (event.type === 'value') {
      const { value } = event;
      const whole = inpainting === undefined ? value : await finishInpainting(value, inpainting);
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

async function fileOf(
  modality: Modality,
  value: unknown,
): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }> {
  const media = mediaOf(modality);
  return { mediaType: media.mediaType, bytes: await media.encode(value) };
}
