/** The normalizers of a `tokenizer.json`: they change a text before it is split. */
import { compilePattern } from './file-pattern.js';
import { readCharsmap } from './precompiled-charsmap.js';
import { toByteAlphabet } from './pre-tokenizers.js';
import { invalidTokenizer, type TokenizerStep } from './tokenizer-json.js';

/** Changes a text. */
export type Normalizer = (text: string) => string;

const SPACES_AT_START = /^\p{White_Space}+/u;

/** Throws `invalid-file` for a step that is not known. */
export function readNormalizer(step: TokenizerStep | null, where: string): Normalizer {
  if (step === null) return (text) => text;
  const { type } = step;
  switch (type) {
    case 'Sequence': {
      const { normalizers } = step;
      if (!Array.isArray(normalizers)) return invalidTokenizer(where, '"normalizers" is no list of steps');
      const steps = (normalizers as TokenizerStep[]).map((part) => readNormalizer(Object(part), where));
      return (text) => steps.reduce((changed, change) => change(changed), text);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(type);
    case 'Lowercase':
      return toLowerCase;
    case 'StripAccents':
      return (text) => text.replace(/\p{M}/gu, '');
    case 'Strip':
      return (text) => {
        const started = step['strip_left'] === true ? text.replace(SPACES_AT_START, '') : text;
        return step['strip_right'] === true ? withoutSpacesAtEnd(started) : started;
      };
    case 'Prepend': {
      const prefix = stringIn(step, 'prepend', where);
      return (text) => (text === '' ? '' : prefix + text);
    }
    case 'Replace': {
      const pattern = compilePattern(step['pattern'], where);
      const content = stringIn(step, 'content', where);
      return (text) => text.replace(pattern, () => content);
    }
    case 'ByteLevel':
      return toByteAlphabet;
    case 'BertNormalizer':
      return bert(step);
    case 'Precompiled':
      return readCharsmap(step['precompiled_charsmap'], where);
    default:
      return invalidTokenizer(where, `the normalizer ${JSON.stringify(type)} is not supported`);
  }
}

/** Character by character: JavaScript's own looks at the neighbors of Σ. */
function toLowerCase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join('');
}

/** In one pass: a pattern would start anew at each space. */
function withoutSpacesAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1])) end--;
  return text.slice(0, end);
}

const CONTROL = /[^\P{C}\t\n\r]|\ufffd/gu;
const OTHER_SPACE = /\p{White_Space}/gu;
/** CJK ideographs, as BERT counts them. */
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bert({ clean_text, handle_chinese_chars, strip_accents, lowercase }: TokenizerStep): Normalizer {
  return (text) => {
    let changed = text;
    if (clean_text !== false) changed = changed.replace(CONTROL, '').replace(OTHER_SPACE, ' ');
    if (handle_chinese_chars !== false) changed = changed.replace(IDEOGRAPH, ' $& ');
    const isLower = lowercase !== false;
    if (strip_accents ?? isLower) changed = changed.normalize('NFD').replace(/\p{Mn}/gu, '');
    return isLower ? toLowerCase(changed) : changed;
  };
}

function stringIn(step: TokenizerStep, field: string, where: string): string {
  const value = step[field];
  if (typeof value === 'string') return value;
  return invalidTokenizer(where, `"${field}" of ${step.type} is ${JSON.stringify(value)}, expected a text`);
}
