import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';

/** Options of {@link DocumentSource.read}. */
export interface ReadOptions {
  /**
   * A modality whose values are not needed, because they are cached for example. The document still has its segments,
   * but their values may be undefined: a source may skip computing them.
   */
  readonly without?: string;
}

/**
 * A set of documents with random access. Sequential formats (archives, lines) are indexed when they are opened, so that
 * every source can be shuffled, and resumed exactly.
 */
export interface DocumentSource {
  /** Name for reports and messages; no randomness depends on it. */
  readonly name: string;
  /** Number of records, including bad ones. A run can only be resumed with the same number. */
  readonly length: number;
  /**
   * Fingerprints the underlying data, such as the files' names and sizes. When it changes, values computed from the
   * records (cached latents) are stale. Optional.
   */
  dataHash?(): Promise<string>;
  /** Returns the location of a record for messages, such as `captions.jsonl:17`. */
  locate(index: number): string;
  /**
   * Reads a record. Random choices, such as one of several captions, are made with `rng`.
   *
   * @throws TransfusionError `invalid-record` or `invalid-file` if the record is unusable: whoever reads the source
   *   skips and reports it
   */
  read(index: number, rng: Rng, options?: ReadOptions): Promise<Document>;
}
