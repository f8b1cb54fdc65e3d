import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';

/** Options of reading a record. */
export interface ReadOptions {
  /**
   * A modality whose values are not needed, because they are cached, say. Its segments are there, but their
   * values may be undefined: a source that can avoids computing them.
   */
  readonly without?: string;
}

/**
 * A set of documents that can be read in any order. Formats that are read from the front (archives,
 * lines) are indexed when they are opened, so that every source can be shuffled and resumed exactly.
 */
export interface DocumentSource {
  /** For reports and messages; no randomness depends on it. */
  readonly name: string;
  /** Number of records, good and bad. A run resumes only with as many as it began with. */
  readonly length: number;
  /**
   * Fingerprint of the underlying files: their names and sizes, for instance. If it changes, what was computed from
   * the records before is stale. Absent for sources that have none.
   */
  dataHash?(): Promise<string>;
  /** Returns the location of a record, for people: `captions.jsonl:17`. */
  locate(index: number): string;
  /**
   * Reads a record. Random choices (one of several captions, say) are made with `rng`.
   *
   * @throws TransfusionError `invalid-record` or `invalid-file` if the record cannot be used; the
   *   reader of the source skips, counts and reports it
   */
  read(index: number, rng: Rng, options?: ReadOptions): Promise<Document>;
}
