import type { InferenceRequest, PromptPart } from '../inference/model-host.js';

/** Returns the file whose size an output keeps, as a part of its request: the last of the kind that it generates. */
export function keptSize(
  prompt: readonly PromptPart[],
  output: InferenceRequest['output'],
): Pick<InferenceRequest, 'keepsSizeOf'> {
  const last = prompt.findLastIndex(
    (part) => part.type === 'file' && part.mediaType.startsWith(`${output}/`),
  );
  return last >= 0 ? { keepsSizeOf: last } : {};
}
