import type { Document } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';

/** What a reader of a source can do without. */
export interface ReadOptions {
  /**
   * A modality whose values are not needed, because they are cached, say. Its segments are there, but their
   * values may be undefined: a source that can, saves the work of making them.
   */
  readonly without?: string;
}

/**
 * A set of documents that can be read in any order. Formats that are read from the front (archives,
 * lines) are indexed when they are opened, so that every source can be shuffled and resumed exactly.
 */
export interface DocumentSource {
  /** For reports and messages; nothing that is drawn depends on it. */
  readonly name: string;
  /** How many records there are, good and bad. A run goes on only with as many as it began with. */
  readonly length: number;
  /**
   * A hash of what the records are made from, as far as it can be told without making them: of files their names and
   * sizes. With another one, what was computed of the records before is stale. Sources that cannot tell leave it out.
   */
  dataHash?(): Promise<string>;
  /** Where a record comes from, for people: `captions.jsonl:17`. */
  locate(index: number): string;
  /**
   * Reads a record. What is chosen freely (one of several captions, say) is chosen with `rng`.
   *
   * @throws TransfusionError `invalid-record` or `invalid-file` if the record cannot be used; the
   *   reader of the source skips, counts and reports it
   */
  read(index: number, rng: Rng, options?: ReadOptions): Promise<Document>;
}
