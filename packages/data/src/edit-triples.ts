import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentTransform } from './document-stream.js';

/** Probabilities of {@link editTriples}. */
export interface EditTriplesOptions {
  /** The modality of the instructions; defaults to `text`. */
  readonly instructionModality?: string;
  /** Probability that all texts are dropped; defaults to 0.05. */
  readonly instructionDropout?: number;
  /** Probability that all but the result is dropped; defaults to 0.05. */
  readonly sourceDropout?: number;
}

/**
 * Drops parts of edits (an image, an instruction, the edited image) at random, to train the less conditioned
 * branches of guidance with two scales: the result after the image alone, and on its own (Brooks et al. 2023,
 * section 3.2.1, without the instruction alone, which guidance does not ask for). Instructions get
 * `trainable: false`: the model is not trained to write them, so that after an image it still writes captions.
 * Documents that are no edits stay as they are.
 *
 * @throws TransfusionError `invalid-argument` for probabilities that are not from 0 to 1, or above 1 together
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
