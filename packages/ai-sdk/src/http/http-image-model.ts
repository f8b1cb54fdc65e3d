import type {
  ImageModelV3,
  ImageModelV3CallOptions,
  ImageModelV3ProviderMetadata,
  ImageModelV3File,
  ImageModelV3Usage,
} from '@ai-sdk/provider';
import { readImageFile } from '../file-data.js';
import { MAX_IMAGES_PER_CALL, imageSettingWarnings } from '../image-settings.js';
import { imageOptionNames, readProviderOptions } from '../provider-options.js';
import { post, readJson, type PostRequest, type PostResponse, type ServerSettings } from './post.js';
import { wireOptions } from './wire-options.js';

interface ImagesResponse {
  readonly created?: number;
  readonly data?: readonly { readonly b64_json?: string }[];
  readonly usage?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly total_tokens?: number;
  };
}

/** Creates an image model of a server: `/images/generations`, and `/images/edits` for calls with images. */
export function httpImageModel(provider: string, modelId: string, server: ServerSettings): ImageModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    maxImagesPerCall: MAX_IMAGES_PER_CALL,
    doGenerate: async (call) => {
      const own = readProviderOptions(call.providerOptions, imageOptionNames);
      const { imageGuidanceScale, ...options } = own.options;
      const { prompt, n, size, seed, headers, abortSignal: signal } = call;
      // Without images there is nothing to guide by, and servers refuse the field.
      const guidance = call.files?.length ? { imageGuidanceScale } : {};
      const fields = {
        model: modelId,
        prompt: prompt ?? '',
        n,
        ...wireOptions({ size, seed, ...options, ...guidance }),
      };
      const answer = await post(server, { ...imageRequest(call, fields), headers, signal });
      const { created, data = [], usage } = (await readJson(answer)) as ImagesResponse;
      return {
        images: imagesOf(data, answer.failure),
        warnings: [...imageSettingWarnings(call), ...own.warnings],
        ...seedMetadata(answer.headers, data.length),
        response: {
          timestamp: created === undefined ? new Date() : new Date(created * 1000),
          modelId,
          headers: answer.headers,
        },
        ...(usage == null ? {} : { usage: usageOf(usage) }),
      };
    },
  };
}

function imageRequest(
  { files = [], mask }: ImageModelV3CallOptions,
  fields: Readonly<Record<string, unknown>>,
): Pick<PostRequest, 'path' | 'body'> {
  if (files.length === 0) return { path: '/images/generations', body: fields };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  files.forEach((file, i) => form.append('image[]', ...formFile(file, `image-${i}`)));
  if (mask !== undefined) form.append('mask', ...formFile(mask, 'mask'));
  return { path: '/images/edits', body: form };
}

function formFile(file: ImageModelV3File, name: string): [Blob, string] {
  const { bytes, mediaType } = readImageFile(file);
  return [new Blob([Uint8Array.from(bytes)], { type: mediaType }), `${name}.${mediaType.split('/')[1]}`];
}

function imagesOf(data: NonNullable<ImagesResponse['data']>, failure: PostResponse['failure']): string[] {
  return data.map(({ b64_json: image }, i) => {
    if (typeof image === 'string' && image !== '') return image;
    throw failure(
      `transfusion: image ${i} of the response has no b64_json, expected base64. Update the server, or check baseURL.`,
    );
  });
}

/** Image i has the seed `seed + i`. */
function seedMetadata(
  { 'x-transfusion-seed': text }: Readonly<Record<string, string>>,
  count: number,
): { providerMetadata?: ImageModelV3ProviderMetadata } {
  if (text === undefined) return {};
  const images = Array.from({ length: count }, (_, i) => ({ seed: Number(text) + i }));
  return { providerMetadata: { transfusion: { images } } };
}

function usageOf(usage: NonNullable<ImagesResponse['usage']>): ImageModelV3Usage {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.total_tokens,
  };
}
