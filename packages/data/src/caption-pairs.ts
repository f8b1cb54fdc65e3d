import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentTransform } from './document-stream.js';

/** Options of {@link captionPairs}. */
export interface CaptionPairsOptions {
  /** Modality of the captions; defaults to `text`. */
  readonly captionModality?: string;
  /** Probability that the caption comes first, to train generation from it; defaults to 0.8, as in the paper. */
  readonly captionFirst?: number;
  /** Probability that a caption that comes first is dropped, to train the unconditional model for guidance; defaults to 0.1. */
  readonly captionDropout?: number;
}

/**
 * Puts the caption of a captioned value first (for generation) or last (for captioning), at random. Other documents are
 * returned unchanged. A caption may consist of several segments.
 *
 * @throws TransfusionError `invalid-argument` for a probability outside [0, 1]
 */
export function captionPairs(options: CaptionPairsOptions = {}): DocumentTransform {
  const { captionModality = 'text', captionFirst = 0.8, captionDropout = 0.1 } = options;
  checkProbability('captionFirst', captionFirst);
  checkProbability('captionDropout', captionDropout);
  return (document: Document, rng: Rng): Document => {
    const { segments } = document;
    const caption = segments.filter(({ modality }) => modality === captionModality);
    const captioned = segments.filter(({ modality }) => modality !== captionModality);
    const isAtAnEnd = captioned[0] === segments[0] || captioned[0] === segments[segments.length - 1];
    if (caption.length === 0 || captioned.length !== 1 || !isAtAnEnd) return document;
    if (rng.fork('order').uniform() >= captionFirst) return { segments: [...captioned, ...caption] };
    if (rng.fork('dropout').uniform() < captionDropout) return { segments: captioned };
    return { segments: [...caption, ...captioned] };
  };
}

function checkProbability(name: string, probability: number): void {
  if (probability >= 0 && probability <= 1) return;
  throw new TransfusionError(
    'invalid-argument',
    `captionPairs: ${name} is ${probability}, expected a number from 0 to 1.`,
  );
}
