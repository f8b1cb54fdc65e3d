/** The parts of Hugging Face's JavaScript library that are used: its own types do not resolve under NodeNext. */
import * as library from '@huggingface/tokenizers';
import type { BpeModel, UnigramModel, WordPieceModel } from './tokenizer-json.js';

/** A model of the library: words to tokens. */
export interface LibraryModel {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  (words: string[]): string[];
}

interface Library {
  readonly BPE: new (config: BpeModel) => LibraryModel;
  readonly WordPiece: new (config: WordPieceModel) => LibraryModel;
  readonly Unigram: new (
    config: UnigramModel,
    eosToken?: string,
  ) => LibraryModel & {
    /** Returns the tokens of a word, unknown ones not fused. */
    tokenize(word: string): string[];
  };
  /** Translates the pattern from Oniguruma's dialect. */
  readonly SplitPreTokenizer: new (config: { readonly pattern: { readonly Regex: string } }) => {
    readonly pattern: RegExp;
  };
}

export const { BPE, WordPiece, Unigram, SplitPreTokenizer } = library as unknown as Library;
