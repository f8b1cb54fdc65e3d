/** Requests of the page as the model in the browser takes them. */
import type { PixelImage, PromptSegment, WebModel, WebRequest } from '@transfusion/web';
import type { GenerationRequest, Mode } from '../api/backend.js';
import { BackendError } from '../api/backend.js';

/** Reads the pixels of an image file. */
export type ReadPixels = (dataUri: string) => Promise<PixelImage>;

/** The server's limits, which hold where a request has none. */
const MAX_TOKENS = 1024;

/**
 * Translates a request. As on the server, images come before the text, and the last one is the one to edit.
 *
 * @throws BackendError `request` for a kind of output or a size that the model lacks
 */
export async function webRequest(
  config: WebModel['config'],
  request: GenerationRequest,
  readPixels: ReadPixels,
): Promise<WebRequest> {
  const { mode, prompt, images, mask, size } = request;
  const [text, image] = [modalityOf(config, 'text'), modalityOf(config, 'image')];
  const output = { text, image, auto: 'document' }[mode] ?? lacks(mode);
  const pixels = await Promise.all(images.map(({ dataUri }) => readPixels(dataUri)));
  const masked = mask === undefined ? undefined : pixels.pop();
  const segments: PromptSegment[] = [
    ...pixels.map((value) => ({ modality: image ?? lacks('image'), value })),
    ...(prompt === '' ? [] : [{ modality: text ?? lacks('text'), value: prompt }]),
  ];
  return withoutUndefined<WebRequest>({
    prompt: segments,
    output,
    seed: request.seed,
    ...(mode !== 'image' && {
      maxTokens: request.maxTokens ?? MAX_TOKENS,
      minTokens: mode === 'text' ? 1 : 0,
      temperature: request.temperature,
    }),
    ...(mode === 'auto' && { maxSpans: request.maxImages }),
    ...(mode !== 'text' && {
      numInferenceSteps: request.numInferenceSteps,
      guidanceScale: request.guidanceScale,
      spanGuidanceScale: request.imageGuidanceScale,
      scheduler: request.scheduler,
      negativePrompt:
        request.negativePrompt === undefined
          ? undefined
          : [{ modality: text ?? lacks('text'), value: request.negativePrompt }],
    }),
    ...(mode === 'image' && {
      latentShape: size === undefined ? undefined : latentShapeOf(config, size),
      latentShapeOf: masked === undefined && pixels.length > 0 ? pixels.length - 1 : undefined,
      inpaint: masked && { image: masked, mask: maskOf(await readPixels(mask!)) },
    }),
  });
}

function modalityOf({ modalities }: WebModel['config'], kind: 'text' | 'image'): string | undefined {
  const found = modalities.find((modality) =>
    kind === 'text' ? modality.kind === 'discrete' : modality.kind === 'continuous' && isImage(modality),
  );
  return found?.name;
}

function isImage({ media_type: mediaType }: { readonly media_type?: string }): boolean {
  return mediaType?.startsWith('image/') === true;
}

function latentShapeOf({ modalities }: WebModel['config'], size: string): readonly number[] {
  const shapes = modalities.flatMap((modality) =>
    modality.kind === 'continuous' && isImage(modality) ? modality.shapes : [],
  );
  const found = shapes.find(({ value_shape: [height, width] }) => `${width}x${height}` === size);
  if (found !== undefined) return found.latent_shape;
  throw new BackendError('request', `The model makes no images of ${size}. Choose another size.`, 'size');
}

/** Returns the mask of a file whose transparent pixels are generated. */
function maskOf({ width, height, data }: PixelImage) {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => 255 - data[4 * i + 3]),
  };
}

function lacks(kind: Mode): never {
  throw new BackendError('request', `The model has no ${kind} modality. Choose another kind of reply.`);
}

function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
