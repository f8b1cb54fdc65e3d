import type { ImageModelV3, ImageModelV3CallOptions } from '@ai-sdk/provider';
import { MAX_IMAGES_PER_CALL, imageSettingWarnings, totalImageUsage } from '../image-settings.js';
import { imageOptionNames, readProviderOptions } from '../provider-options.js';
import { imageSeedMetadata, randomSeed, seedOfImage } from '../seeds.js';
import { imagesRequest } from './images-request.js';
import { readImages, type ImagesResponse } from './images-response.js';
import { post, type ServerSettings } from './post.js';

/** The limit of OpenAI's wire. */
const MAX_IMAGES_PER_REQUEST = 10;

/** Creates an image model of a server: `/images/generations`, and `/images/edits` for calls with images. */
export function httpImageModel(provider: string, modelId: string, server: ServerSettings): ImageModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    maxImagesPerCall: MAX_IMAGES_PER_CALL,
    doGenerate: async (call) => {
      const { options, warnings } = readProviderOptions(call.providerOptions, imageOptionNames);
      const responses: ImagesResponse[] = [];
      // One after another: together they might not have room in the server's queue, however often they are sent again.
      for (const part of partsOf(call)) {
        const request = imagesRequest(modelId, part, options);
        const answer = await post(server, { ...request, headers: call.headers, signal: call.abortSignal });
        responses.push(await readImages(answer));
      }
      const [{ timestamp, headers }] = responses;
      const images = responses.flatMap((response) => response.images);
      const seeds = responses.flatMap((response) => response.seeds);
      return {
        images,
        warnings: [...imageSettingWarnings(call), ...warnings],
        ...(seeds.length < images.length ? {} : { providerMetadata: imageSeedMetadata(seeds) }),
        response: { timestamp, modelId, headers },
        usage: totalImageUsage(responses.map(({ usage }) => usage)),
      };
    },
  };
}

/** Splits a call into those of one request each, whose images have the seeds that they would have in the whole. */
function partsOf(call: ImageModelV3CallOptions): ImageModelV3CallOptions[] {
  if (call.n <= MAX_IMAGES_PER_REQUEST) return [call];
  const { seed = randomSeed() } = call;
  return Array.from({ length: Math.ceil(call.n / MAX_IMAGES_PER_REQUEST) }, (_, k) => {
    const first = k * MAX_IMAGES_PER_REQUEST;
    return {
      ...call,
      n: Math.min(MAX_IMAGES_PER_REQUEST, call.n - first),
      seed: seedOfImage(seed, first),
    };
  });
}
