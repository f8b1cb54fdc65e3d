export type { JsonTokenizer } from './json-tokenizer.js';
export { byteTokenizer } from './byte-tokenizer.js';
export { textFactory } from './text-factory.js';
export { text, type TextModality, type TextOptions } from './text.js';
export { loadTokenizer, saveTokenizer } from './tokenizer-file.js';
export type {
  AddedToken,
  BpeModel,
  TokenizerJson,
  TokenizerModel,
  TokenizerStep,
  UnigramModel,
  WordPieceModel,
} from './tokenizer-json.js';
export type { SpecialTokenOptions, StreamingDecoder, Tokenizer } from './tokenizer.js';
export { trainBpe, type TrainBpeOptions } from './train-bpe.js';
