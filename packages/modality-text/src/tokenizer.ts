/** How the strings of special tokens are treated. */
export interface SpecialTokenOptions {
  /**
   * `encode`: whether a special token written out in the text (`<|end|>`) becomes its id. `decode`:
   * whether special ids are written out. By default neither: text is text, whoever wrote it, and control
   * ids show in none.
   */
  readonly specialTokens?: boolean;
}

/** Turns text into ids and back. Stateless: one tokenizer serves everybody. */
export interface Tokenizer {
  /** Names it, and all that its ids depend on: tokenizers of one name give equal ids. Kept in checkpoints. */
  readonly id: string;
  /** How many ids there are: 0 to `vocabSize` - 1. */
  readonly vocabSize: number;
  /** The ids that steer a model rather than stand for text, by name. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** The ids of a text, without begin or end markers. Lone surrogates count as U+FFFD. */
  encode(text: string, options?: SpecialTokenOptions): Int32Array;
  /**
   * The text of ids. An incomplete character at the end is left out, bytes that are no UTF-8 become U+FFFD.
   * Throws `invalid-argument` for an id out of range.
   */
  decode(ids: ArrayLike<number>, options?: SpecialTokenOptions): string;
  /** Decodes ids as they come. */
  createDecoder(options?: SpecialTokenOptions): StreamingDecoder;
}

/** Decodes one sequence of ids while it grows. */
export interface StreamingDecoder {
  /**
   * The text that this id adds: nothing while a character is incomplete. All that was pushed gives
   * together what `decode` gives for all ids.
   */
  push(id: number): string;
}
