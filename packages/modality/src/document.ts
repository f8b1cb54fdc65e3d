import type { ValueOf, Modality } from './modality.js';

/** A value in a document: which modality it is of, and itself. */
export type Segment<Name extends string = string, Value = unknown> = {
  readonly modality: Name;
  readonly value: Value;
  /**
   * Tokens that a model reads but is not trained to write, such as a user's instruction. Of discrete modalities
   * only.
   */
  readonly given?: boolean;
};

/** What one sequence is made from: values of any modalities in reading order. */
export interface Document<S extends Segment = Segment> {
  readonly segments: readonly S[];
}

/** The segments that a set of modalities allows. */
export type SegmentOf<M extends Modality> = M extends Modality ? Segment<M['name'], ValueOf<M>> : never;
