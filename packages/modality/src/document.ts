import type { ValueOf, Modality } from './modality.js';

/** A value in a document, with the name of its modality. */
export type Segment<Name extends string = string, Value = unknown> = {
  readonly modality: Name;
  readonly value: Value;
  /**
   * Defaults to true. Tokens of a segment that is not trainable have no loss: the model reads them, such as a user's
   * instruction, but is not trained to generate them. For segments of discrete modalities only.
   */
  readonly trainable?: boolean;
};

/** Values of any modalities in reading order, which become one sequence. */
export interface Document<S extends Segment = Segment> {
  readonly segments: readonly S[];
}

/** The segments that a set of modalities allows. */
export type SegmentOf<M extends Modality> = M extends Modality ? Segment<M['name'], ValueOf<M>> : never;
