/**
 * Encoding with Hugging Face's JavaScript library, with special tokens as text, and with the reference implementation's
 * regular expressions where the library's differ.
 */
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { TransfusionError } from '@transfusion/errors';
import { GPT2_PATTERN, toWellFormed } from './pre-tokenize.js';
import { invalidTokenizer, mergePair, type TokenizerJson, type TokenizerStep } from './tokenizer-json.js';

/** Encodes text to ids. */
export type Encode = (text: string) => Int32Array;

// The part of the library that is used here: its own types do not resolve under NodeNext.
type LibraryTokenizer = {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
};

/**
 * Creates the encoder.
 *
 * @throws TransfusionError `invalid-file` for steps that the library does not have, or that differ from the reference
 */
export function createEncoder(json: TokenizerJson, where: string): Encode {
  let library: LibraryTokenizer;
  try {
    library = new Library(
      {
        ...json,
        pre_tokenizer: json.pre_tokenizer && translate(json.pre_tokenizer, where),
        // The library creates all steps immediately; these two are not needed for encoding.
        post_processor: null,
        decoder: null,
      },
      {},
    );
  } catch (error) {
    if (TransfusionError.isInstance(error)) throw error;
    return invalidTokenizer(where, `a step of this tokenizer is unknown (${String(error)})`, error);
  }
  return (text) => Int32Array.from(library.encode(toWellFormed(text), { add_special_tokens: false }).ids);
}

/** Returns a tokenizer that treats special tokens as text. Of their ids, only that of `unk_token` can occur. */
export function withoutSpecialTokens(json: TokenizerJson): TokenizerJson {
  const special = new Set(json.added_tokens.filter((token) => token.special).map(({ content }) => content));
  const { vocab, merges, unk_token } = json.model;
  // Characters outside the vocabulary still need it.
  if (unk_token != null) special.delete(unk_token);
  return {
    ...json,
    added_tokens: json.added_tokens.filter((token) => !token.special),
    model: {
      ...json.model,
      vocab: Object.fromEntries(Object.entries(vocab).filter(([token]) => !special.has(token))),
      merges: merges.filter((merge) => !special.has(mergePair(merge).join(''))),
    },
  };
}

function translate(step: TokenizerStep, where: string): TokenizerStep {
  if (step.type === 'Sequence' && Array.isArray(step['pretokenizers'])) {
    return {
      ...step,
      pretokenizers: (step['pretokenizers'] as TokenizerStep[]).map((part) => translate(part, where)),
    };
  }
  if (step.type === 'ByteLevel' && step['use_regex'] !== false && step['add_prefix_space'] !== true) {
    // The library's own split uses JavaScript's \s; its `Split` translates \s to that of the reference.
    const split = { type: 'Split', pattern: { Regex: GPT2_PATTERN }, behavior: 'Isolated', invert: false };
    return { type: 'Sequence', pretokenizers: [split, { ...step, use_regex: false }] };
  }
  if (step.type === 'Split') {
    const { behavior, invert } = step;
    const isSupported = behavior === 'Removed' || (behavior === 'Isolated' && invert !== true);
    if (!isSupported) {
      invalidTokenizer(where, `the pre-tokenizer Split with behavior ${String(behavior)} is not supported`);
    }
  }
  return step;
}
