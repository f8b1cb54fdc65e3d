/** Treatment of special tokens' strings. */
export interface SpecialTokenOptions {
  /**
   * `encode`: a special token written out in the text (`<|end|>`) becomes its id. `decode`: special ids are written
   * out. Defaults to false: text is text, whoever wrote it, and control ids show in none.
   */
  readonly specialTokens?: boolean;
}

/** Turns text into ids and back. Stateless: one tokenizer serves everybody. */
export interface Tokenizer {
  /** Identifies it and all that its ids depend on: tokenizers of one `id` give equal ids. Kept in checkpoints. */
  readonly id: string;
  /** Number of ids: 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /** The ids that steer a model rather than stand for text, by name. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Returns the ids of a text, without begin or end markers. Lone surrogates count as U+FFFD. */
  encode(text: string, options?: SpecialTokenOptions): Int32Array;
  /**
   * Returns the text of ids. An incomplete character at the end is left out, bytes that are no UTF-8 become U+FFFD.
   * Throws `invalid-argument` for an id out of range.
   */
  decode(ids: ArrayLike<number>, options?: SpecialTokenOptions): string;
  /** Makes a decoder of ids as they come. */
  createDecoder(options?: SpecialTokenOptions): StreamingDecoder;
}

/** Decodes one sequence of ids while it grows. */
export interface StreamingDecoder {
  /**
   * Returns the text that this id adds: nothing while a character is incomplete. The texts of all ids together are
   * what `decode` returns for them.
   */
  push(id: number): string;
}
