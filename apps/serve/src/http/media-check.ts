/** Checks of a request against what the model reads and generates. */
import type { InferenceRequest, ModelInfo } from '../inference/model-host.js';
import { invalidRequest } from '../openai/api-error.js';

/**
 * Checks that a model reads the prompt's files, and generates the output in its size.
 *
 * @throws ApiError 400 otherwise
 */
export function checkMedia(info: ModelInfo, { prompt, output, size }: InferenceRequest): void {
  const known: readonly string[] = info.mediaTypes;
  const files = prompt.flatMap((part) => (part.type === 'file' ? [part.mediaType.split('/', 1)[0]] : []));
  const unread = files.find((type) => !known.includes(type));
  if (unread !== undefined) {
    throw invalidRequest(
      `prompt: found a file of type ${unread}, expected ${known.join(', ')}. Leave it out.`,
    );
  }
  if (output !== 'document' && !known.includes(output)) {
    throw invalidRequest(
      `model: found one of ${known.join(', ')}, expected one that generates ${output}. Choose another model.`,
      'model',
    );
  }
  const sizes = info.imageSizes.map(([width, height]) => `${width}x${height}`);
  const asked = size?.join('x');
  if (asked !== undefined && sizes.length > 0 && !sizes.includes(asked)) {
    throw invalidRequest(`size: found ${asked}, expected ${sizes.join(', ')}. Choose one of them.`, 'size');
  }
}
