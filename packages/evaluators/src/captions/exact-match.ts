import { checkSamples, meanScore, type CaptionSample, type CaptionScores } from './caption-sample.js';

/**
 * 1 for a caption that is one of its references, 0 for any other; the mean is the share that is right. Case,
 * spaces around and lengths of spaces between words do not count; punctuation does.
 *
 * @throws TransfusionError `invalid-argument` without samples, or for one without references
 */
export function exactMatch(samples: readonly CaptionSample[]): CaptionScores {
  checkSamples('exactMatch', samples, 1);
  return meanScore(
    samples.map(({ candidate, references }) => {
      const found = plain(candidate);
      return references.some((reference) => plain(reference) === found) ? 1 : 0;
    }),
  );
}

function plain(caption: string): string {
  return caption.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');
}
