/** Requests of OpenAI's image wire, with the fields that Transfusion servers add. */
import type { ImageModelV3CallOptions, ImageModelV3File } from '@ai-sdk/provider';
import { readImageFile } from '../file-data.js';
import type { TransfusionImageModelOptions } from '../provider-options.js';
import type { PostRequest } from './post.js';
import { wireOptions } from './wire-options.js';

/** A new image's request as JSON; an edit's as a form. */
export function imagesRequest(
  model: string,
  { prompt, n, size, seed, files = [], mask }: ImageModelV3CallOptions,
  { imageGuidanceScale, ...options }: TransfusionImageModelOptions,
): Pick<PostRequest, 'path' | 'body'> {
  const fields = { model, prompt: prompt ?? '', n, ...wireOptions({ size, seed, ...options }) };
  // Without images there is nothing to guide by, and servers refuse the field.
  if (files.length === 0) return { path: '/images/generations', body: fields };
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...wireOptions({ imageGuidanceScale }) })) {
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
