/** Text and its tokenizers without file system and other modules of Node.js, for browsers. */
export { byteTokenizer } from './byte-tokenizer.js';
export { text, type TextModality } from './text.js';
export { readTokenizer } from './tokenizer-bytes.js';
