/** Checks of the files of a prompt. */
import type { PromptPart } from '../inference/model-host.js';
import { invalidRequest } from '../openai/api-error.js';
import type { LocatedPart } from '../openai/join-messages.js';
import { imageHeaderReader, type ReadImageHeader } from './input-image.js';
import type { Limits } from './server-options.js';

/**
 * Returns a prompt's parts, images among them with the media types that they really have.
 *
 * @throws ApiError 400 for too many files, and for images that are damaged, too large or of another format
 */
export async function checkedPrompt(parts: readonly LocatedPart[], limits: Limits): Promise<PromptPart[]> {
  const numFiles = parts.filter(({ part }) => part.type === 'file').length;
  if (numFiles > limits.maxFiles) {
    throw invalidRequest(
      `prompt: found ${numFiles} files, expected up to ${limits.maxFiles}. Leave some out.`,
    );
  }
  const readHeader = imageHeaderReader(limits.maxPixels);
  const checked: PromptPart[] = [];
  // One after another: a request has one thread of the pool at a time.
  for (const { part, param } of parts) checked.push(await checkedPart(part, param, readHeader));
  return checked;
}

async function checkedPart(
  part: PromptPart,
  param: string,
  readHeader: ReadImageHeader,
): Promise<PromptPart> {
  if (part.type === 'text' || part.mediaType.startsWith('audio/')) return part;
  const { mediaType } = await readHeader(part.bytes, param);
  return { ...part, mediaType };
}
