/** The pre-tokenizers of a `tokenizer.json`: they split a text into words, which no token crosses. */
import { BYTE_TO_CHARACTER } from './byte-alphabet.js';
import { compilePattern } from './file-pattern.js';
import { preTokenize } from './pre-tokenize.js';
import { SPLIT_BEHAVIORS, splitText, type SplitBehavior } from './split-text.js';
import { utf8 } from './token-bytes.js';
import { invalidTokenizer, type TokenizerStep } from './tokenizer-json.js';

/** Splits a text. @param isFirst true for the start of the whole text, which some steps treat otherwise */
export type PreTokenizer = (text: string, isFirst: boolean) => string[];

const WHITE_SPACE = /\p{White_Space}/gu;
const NUMERIC = /\p{N}/gu;
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu;
const WORDS =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

/** Throws `invalid-file` for a step that is not known. */
export function readPreTokenizer(step: TokenizerStep | null, where: string): PreTokenizer {
  if (step === null) return (text) => [text];
  switch (step.type) {
    case 'Sequence':
      return readSequence(step, where);
    case 'ByteLevel':
      return byteLevel(step['add_prefix_space'] === true, step['use_regex'] !== false);
    case 'Metaspace':
      return readMetaspace(step, where);
    case 'Split': {
      const pattern = compilePattern(step['pattern'], where);
      const behavior = readBehavior(step['behavior'], where);
      return (text) => splitText(text, pattern, behavior, step['invert'] === true);
    }
    case 'CharDelimiterSplit': {
      const pattern = compilePattern({ String: step['delimiter'] }, where);
      return (text) => splitText(text, pattern, 'Removed');
    }
    case 'Digits': {
      const behavior = step['individual_digits'] === true ? 'Isolated' : 'Contiguous';
      return (text) => splitText(text, NUMERIC, behavior);
    }
    case 'Punctuation': {
      const behavior = readBehavior(step['behavior'] ?? 'Isolated', where);
      return (text) => splitText(text, PUNCTUATION, behavior);
    }
    case 'WhitespaceSplit':
      return (text) => splitText(text, WHITE_SPACE, 'Removed');
    case 'Whitespace':
      return (text) => text.match(WORDS) ?? [];
    case 'BertPreTokenizer':
      return (text) =>
        splitText(text, WHITE_SPACE, 'Removed').flatMap((word) => splitText(word, PUNCTUATION, 'Isolated'));
    default:
      return invalidTokenizer(where, `the pre-tokenizer ${JSON.stringify(step.type)} is not supported`);
  }
}

function readSequence({ pretokenizers }: TokenizerStep, where: string): PreTokenizer {
  if (!Array.isArray(pretokenizers)) return invalidTokenizer(where, '"pretokenizers" is no list of steps');
  const steps = (pretokenizers as TokenizerStep[]).map((part) => readPreTokenizer(Object(part), where));
  return (text, isFirst) =>
    steps.reduce((parts, step) => parts.flatMap((part, i) => step(part, isFirst && i === 0)), [text]);
}

function byteLevel(hasPrefix: boolean, isSplit: boolean): PreTokenizer {
  return (text) => {
    const prefixed = hasPrefix && !text.startsWith(' ') ? ` ${text}` : text;
    return Array.from(isSplit ? preTokenize(prefixed) : [prefixed], toByteAlphabet);
  };
}

/** Writes the bytes of UTF-8 as characters. */
export function toByteAlphabet(text: string): string {
  return Array.from(utf8(text), (byte) => BYTE_TO_CHARACTER[byte]).join('');
}

function readMetaspace(step: TokenizerStep, where: string): PreTokenizer {
  const { replacement = '▁', add_prefix_space: hasPrefix, split: isSplit = true } = step;
  const { prepend_scheme: scheme = hasPrefix === false ? 'never' : 'always' } = step;
  if (typeof replacement !== 'string' || Array.from(replacement).length !== 1) {
    return invalidTokenizer(where, 'the "replacement" of Metaspace is not one character');
  }
  if (!['always', 'first', 'never'].includes(String(scheme))) {
    return invalidTokenizer(where, `the "prepend_scheme" of Metaspace is ${JSON.stringify(scheme)}`);
  }
  const pattern = compilePattern({ String: replacement }, where);
  return (text, isFirst) => {
    let marked = text.replaceAll(' ', replacement);
    const isMarked = scheme === 'always' || (scheme === 'first' && isFirst);
    if (isMarked && !marked.startsWith(replacement)) marked = replacement + marked;
    return isSplit === false ? [marked] : splitText(marked, pattern, 'MergedWithNext');
  };
}

function readBehavior(behavior: unknown, where: string): SplitBehavior {
  // Python writes the names in lower case.
  const found = SPLIT_BEHAVIORS.find(
    (name) => name.toLowerCase() === String(behavior).replaceAll('_', '').toLowerCase(),
  );
  return found ?? invalidTokenizer(where, `found the behavior ${JSON.stringify(behavior)} of a split`);
}
