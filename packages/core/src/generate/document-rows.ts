import type { Context } from './growing-sequence.js';

/**
 * A model's cache of keys and values: the rows of one request, which hold the beginnings of documents. `Row` is what the
 * runtime makes of one.
 */
export interface DocumentRows<Row> {
  add(): Row;
  remove(row: Row): void;
  /**
   * Appends the elements of a document from position `from` on.
   *
   * @param read whether to return the logits of the next token
   */
  append(row: Row, document: Context, from: number, read: boolean): Promise<Float32Array | undefined>;
  /** Returns the diffusion output of a span in each of its rows; see `groupKey`. */
  denoise(groupKey: string, piece: OpenPiece<Row>): Promise<readonly Float32Array[]>;
}

/** A span to denoise, in one or more contexts. */
export interface OpenPiece<Row> {
  /** The rows that precede the span; it is not appended to them. */
  readonly rows: readonly Row[];
  readonly latent: Float32Array;
  readonly timestep: number;
}
