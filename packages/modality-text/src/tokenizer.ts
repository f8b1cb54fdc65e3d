/** Options for special tokens. */
export interface SpecialTokenOptions {
  /**
   * In `encode`, converts special tokens in the text (`<|end|>`) to their ids. In `decode`, includes the text of special
   * ids. Defaults to false: special tokens in a text are ordinary text, and special ids decode to nothing.
   */
  readonly specialTokens?: boolean;
}

/** Encodes text to ids and decodes them. Stateless: a tokenizer can be shared. */
export interface Tokenizer {
  /** Identifies the tokenizer: tokenizers with the same `id` return equal ids. Stored in checkpoints. */
  readonly id: string;
  /** Number of ids: 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /** Ids of control tokens, by name. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Encodes a text, without begin or end markers. Lone surrogates are encoded as U+FFFD. */
  encode(text: string, options?: SpecialTokenOptions): Int32Array;
  /**
   * Decodes ids to text. An incomplete character at the end is dropped, invalid UTF-8 becomes U+FFFD.
   *
   * @throws TransfusionError `invalid-argument` for an id out of range
   */
  decode(ids: ArrayLike<number>, options?: SpecialTokenOptions): string;
  /** Creates a decoder for ids as they are generated. */
  createDecoder(options?: SpecialTokenOptions): StreamingDecoder;
}

/** Decodes a sequence of ids incrementally. */
export interface StreamingDecoder {
  /**
   * Returns the text that an id adds: nothing while a character is incomplete. The texts of all ids add up to the result
   * of `decode`.
   */
  push(id: number): string;
}
