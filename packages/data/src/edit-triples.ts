import { TransfusionError } from '@transfusion/errors';
import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { DocumentTransform } from './document-stream.js';

/** Options of {@link editTriples}. */
export interface EditTriplesOptions {
  /** Modality of the instructions; defaults to `text`. */
  readonly instructionModality?: string;
  /** Probability that the instruction is dropped; defaults to 0.05. */
  readonly instructionDropout?: number;
  /** Probability that everything but the result is dropped; defaults to 0.05. */
  readonly sourceDropout?: number;
}

/**
 * Drops parts of edits (an image, an instruction, the edited image) at random, for guidance with two scales: the model
 * also learns the result from the image alone, and unconditionally (Brooks et al. 2023, section 3.2.1; the case of the
 * instruction alone is left out, because guidance does not use it). Instructions get `trainable: false`: the model is
 * not trained to write them, so that it still continues an image with a caption. Documents that are not edits are
 * returned unchanged.
 *
 * @throws TransfusionError `invalid-argument` for probabilities outside [0, 1], or with a sum above 1
 */
export function editTriples(options: EditTriplesOptions = {}): DocumentTransform {
  const { instructionModality = 'text', instructionDropout = 0.05, sourceDropout = 0.05 } = options;
  if (!(instructionDropout >= 0 && sourceDropout >= 0 && instructionDropout + sourceDropout <= 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `editTriples: instructionDropout is ${instructionDropout} and sourceDropout ${sourceDropout}, ` +
        'expected numbers from 0 to 1 with a sum of at most 1.',
    );
  }
  return (document: Document, rng: Rng): Document => {
    const others = document.segments.filter(({ modality }) => modality !== instructionModality);
    const result = document.segments[document.segments.length - 1];
    const hasInstruction = others.length < document.segments.length;
    if (!hasInstruction || others.length < 2 || result.modality === instructionModality) return document;
    const uniform = rng.fork('dropout').uniform();
    if (uniform < sourceDropout) return { segments: [result] };
    if (uniform < sourceDropout + instructionDropout) return { segments: others };
    const source = document.segments.indexOf(others[0]);
    return {
      segments: document.segments.map((segment, i) =>
        segment.modality === instructionModality && i > source ? { ...segment, trainable: false } : segment,
      ),
    };
  };
}
