import type { ImageModelV3, ImageModelV3CallOptions } from '@ai-sdk/provider';
import type { GenerateRequest, ImageInpainting, TokenUsage, TrainedModel } from '@transfusion/pipelines';
import { readImageFile, type FileData } from '../file-data.js';
import { MAX_IMAGES_PER_CALL, imageSettingWarnings, totalImageUsage } from '../image-settings.js';
import { imageOptionNames, readProviderOptions } from '../provider-options.js';
import { runTogether } from './run-together.js';
import { imageSeedMetadata, seedOfImage } from '../seeds.js';
import { generateValue } from './generate-value.js';
import { latentShapeOfSize, sizeWarnings } from './latent-shape-of-size.js';
import { loadPipelines } from './load-pipelines.js';
import { modalityOfMedia, textModality, type MediaModality } from './modality-of-media.js';
import { fileSegment, promptSegments, type PromptSegment } from './prompt-segments.js';
import { requestOptions } from './request-options.js';

/** The differences between generation, edits and inpainting. */
interface ImageTask {
  readonly request: Pick<GenerateRequest, 'prompt' | 'known' | 'latentShape' | 'latentShapeOf'>;
  /** Completes a generated image. */
  readonly finish: (image: unknown) => unknown;
}

/** Creates an image model that runs in this process; image i of a call has the seed `seed + i`. */
export function inProcessImageModel(provider: string, modelId: string, trained: TrainedModel): ImageModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    maxImagesPerCall: MAX_IMAGES_PER_CALL,
    doGenerate: async (call) => {
      call.abortSignal?.throwIfAborted();
      const timestamp = new Date();
      const { options, warnings } = readProviderOptions(call.providerOptions, imageOptionNames);
      const images = modalityOfMedia(trained, 'image');
      const shared = requestOptions(options, (await textModality(trained)).name, call.seed);
      const { request, finish } = await imageTask(trained, images, call);
      const requests = Array.from({ length: call.n }, (_, i) => ({
        ...shared,
        ...request,
        output: images.name,
        seed: seedOfImage(shared.seed, i),
      }));
      const generated = await runTogether(
        requests.map((one) => (signal: AbortSignal) => generateValue(trained, one, signal)),
        call.abortSignal,
      );
      const values = await Promise.all(generated.map(({ value }) => finish(value)));
      return {
        images: await Promise.all(values.map((value) => images.media.encode(value))),
        warnings: [...imageSettingWarnings(call), ...warnings, ...sizeWarnings(call.size, values[0])],
        providerMetadata: imageSeedMetadata(requests.map(({ seed }) => seed)),
        response: { timestamp, modelId, headers: undefined },
        usage: totalImageUsage(generated.map(({ usage }) => tokensOf(usage))),
      };
    },
  };
}

async function imageTask(
  trained: TrainedModel,
  images: MediaModality,
  { prompt = '', files = [], mask, size }: ImageModelV3CallOptions,
): Promise<ImageTask> {
  const keep = (image: unknown): unknown => image;
  const latentShape = latentShapeOfSize(images, size);
  const text = await promptSegments(trained, [{ type: 'text', text: prompt }]);
  if (files.length === 0) return { request: { prompt: text, latentShape }, finish: keep };
  const inputs = await Promise.all(files.map((file) => fileSegment(trained, readImageFile(file))));
  if (mask !== undefined) return inpainting(trained, inputs, text, prompt, readImageFile(mask));
  // An edited image keeps its shape.
  const shape = latentShape === undefined ? { latentShapeOf: 0 } : { latentShape };
  return { request: { prompt: [...inputs, ...text], ...shape }, finish: keep };
}

async function inpainting(
  { model }: TrainedModel,
  [input, ...others]: readonly PromptSegment[],
  text: readonly PromptSegment[],
  prompt: string,
  mask: FileData,
): Promise<ImageTask> {
  const { decodeMask, knownLatent, withKnownPixels } = await loadPipelines();
  const image = input.value as ImageInpainting['image'];
  const task: ImageInpainting = { image, mask: await decodeMask(mask.bytes), prompt };
  return {
    request: { prompt: [...others, ...text], known: await knownLatent(model, task) },
    finish: (inpainted) => withKnownPixels(inpainted as ImageInpainting['image'], task),
  };
}

function tokensOf(usage: TokenUsage): { readonly inputTokens: number; readonly outputTokens: number } {
  return {
    inputTokens: usage.promptTokens + usage.promptSpanPositions,
    outputTokens: usage.generatedTokens + usage.generatedSpanPositions,
  };
}
