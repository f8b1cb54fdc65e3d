import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentTransform } from './document-stream.js';

/** How often {@link captionPairs} does what. */
export interface CaptionPairsOptions {
  /** The modality of the captions; `text` by default. */
  readonly captionModality?: string;
  /** How often the caption comes first (to draw what it says); 0.8 by default, as in the paper. */
  readonly captionFirst?: number;
  /** How often a first caption is left out, to train what guidance steers away from; 0.1 by default. */
  readonly captionDropout?: number;
}

/**
 * Orders pairs of a caption and something else for both directions; other documents stay as they are. A caption
 * may consist of several segments.
 *
 * @throws TransfusionError `invalid-argument` for a share that is not from 0 to 1
 */
export function captionPairs(options: CaptionPairsOptions = {}): DocumentTransform {
  const { captionModality = 'text', captionFirst = 0.8, captionDropout = 0.1 } = options;
  checkShare('captionFirst', captionFirst);
  checkShare('captionDropout', captionDropout);
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

function checkShare(name: string, share: number): void {
  if (share >= 0 && share <= 1) return;
  throw new TransfusionError('invalid-argument', `captionPairs: ${name} is ${share}, expected 0 to 1.`);
}
