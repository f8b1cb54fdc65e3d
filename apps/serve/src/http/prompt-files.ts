/** Checks of the files of a prompt. */
import type { PromptPart } from '../inference/model-host.js';
import { invalidRequest } from '../openai/api-error.js';
import type { LocatedPart } from '../openai/join-messages.js';
import { checkMask, imageHeaderReader, type ImageHeader } from './input-image.js';
import type { Limits } from './server-options.js';

/** A prompt whose files have been checked. */
export interface CheckedPrompt {
  readonly parts: readonly PromptPart[];
  readonly mask: Uint8Array | undefined;
}

/**
 * Returns a prompt's parts, images among them with the media types that they really have.
 *
 * @param mask of the last image
 * @throws ApiError 400 for too many files, for images that are damaged, too large or of another format, and for a mask
 *   that does not fit
 */
export async function checkedPrompt(
  located: readonly LocatedPart[],
  limits: Limits,
  mask?: { readonly bytes: Uint8Array; readonly param: string },
): Promise<CheckedPrompt> {
  const numFiles = located.filter(({ part }) => part.type === 'file').length;
  if (numFiles > limits.maxFiles) {
    throw invalidRequest(
      `prompt: found ${numFiles} files, expected up to ${limits.maxFiles}. Leave some out.`,
    );
  }
  const readHeader = imageHeaderReader(limits.maxPixels);
  const parts: PromptPart[] = [];
  let last: ImageHeader | undefined;
  // One after another: a request has one thread of the pool at a time.
  for (const { part, param } of located) {
    if (part.type === 'text' || part.mediaType.startsWith('audio/')) parts.push(part);
    else {
      last = await readHeader(part.bytes, param);
      parts.push({ ...part, mediaType: last.mediaType });
    }
  }
  if (mask !== undefined) checkMask(await readHeader(mask.bytes, mask.param), last, mask.param);
  return { parts, mask: mask?.bytes };
}
