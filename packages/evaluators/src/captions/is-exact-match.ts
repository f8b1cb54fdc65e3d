import {
  captionWords,
  checkCaptionSamples,
  type CaptionSample,
  type CaptionScoreOptions,
} from './caption-sample.js';

/**
 * Returns true if a caption has the words of one of its references, in order. Case, punctuation and whitespace do not count
 * (with the default `tokenize`).
 *
 * @throws TransfusionError `invalid-argument` without references
 */
export function isExactMatch(
  sample: CaptionSample,
  { tokenize = captionWords }: CaptionScoreOptions = {},
): boolean {
  checkCaptionSamples('isExactMatch', [sample]);
  const normalize = (caption: string): string => tokenize(caption).join(' ');
  const candidate = normalize(sample.candidate);
  return sample.references.some((reference) => normalize(reference) === candidate);
}
