import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentTransform } from './document-stream.js';

/** How often {@link editTriples} leaves something out. */
export interface EditTriplesOptions {
  /** The modality of the instructions; `text` by default. */
  readonly instructionModality?: string;
  /** How often all texts are left out; 0.05 by default. */
  readonly instructionDropout?: number;
  /** How often all but the result is left out; 0.05 by default. */
  readonly sourceDropout?: number;
}

/**
 * Trains on edits (an image, an instruction, the edited image) what guidance with two scales steers away
 * from: the result behind the image alone, and on its own (Brooks et al. 2023, section 3.2.1, without the
 * instruction alone, which guidance does not ask for). Instructions get `trainable: false`: the model is not
 * trained to write them, so that behind an image it still writes captions. Documents that are no edits stay as they are.
 *
 * @throws TransfusionError `invalid-argument` for shares that are not from 0 to 1, or above 1 together
 */
export function editTriples(options: EditTriplesOptions = {}): DocumentTransform {
  const { instructionModality = 'text', instructionDropout = 0.05, sourceDropout = 0.05 } = options;
  if (!(instructionDropout >= 0 && sourceDropout >= 0 && instructionDropout + sourceDropout <= 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `editTriples: instructionDropout is ${instructionDropout} and sourceDropout ${sourceDropout}, ` +
        'expected 0 to 1 for each and for both together.',
    );
  }
  return (document: Document, rng: Rng): Document => {
    const others = document.segments.filter(({ modality }) => modality !== instructionModality);
    const result = document.segments[document.segments.length - 1];
    const hasInstruction = others.length < document.segments.length;
    if (!hasInstruction || others.length < 2 || result.modality === instructionModality) return document;
    const drawn = rng.fork('dropout').uniform();
    if (drawn < sourceDropout) return { segments: [result] };
    if (drawn < sourceDropout + instructionDropout) return { segments: others };
    const source = document.segments.indexOf(others[0]);
    return {
      segments: document.segments.map((segment, i) =>
        segment.modality === instructionModality && i > source ? { ...segment, trainable: false } : segment,
      ),
    };
  };
}
