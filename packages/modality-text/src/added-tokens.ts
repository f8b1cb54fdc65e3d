/** Added tokens in a text, found as the reference implementation does it: `AddedVocabulary` of Hugging Face's tokenizers. */
import type { AddedToken } from './tokenizer-json.js';

/** A piece of a text: an added token, or what lies between two. */
export interface TextPiece {
  readonly text: string;
  /** Position in the text. */
  readonly start: number;
  /** Absent for text. */
  readonly token?: AddedToken;
}

/** Returns true for a token that is found in the normalized text, as normalization writes it. */
export function isNormalized(token: AddedToken): boolean {
  return (token['normalized'] ?? !token.special) === true;
}

interface Node {
  readonly next: Map<string, Node>;
  token?: AddedToken;
}

/**
 * Returns a function that finds tokens from left to right, the longest one at each place.
 *
 * @param written the text that stands for each token: its content, or what normalization makes of it
 * @param isText tells tokens that are found, and are text: their place is not searched for others
 */
export function createTokenSplitter(
  tokens: readonly AddedToken[],
  written: (token: AddedToken) => string,
  isText: (token: AddedToken) => boolean,
): (text: string) => TextPiece[] {
  const root: Node = { next: new Map() };
  for (const token of tokens) {
    let node = root;
    for (const character of written(token).split('')) {
      const next = node.next.get(character) ?? { next: new Map() };
      node.next.set(character, next);
      node = next;
    }
    if (node !== root) node.token = token;
  }
  if (root.next.size === 0) return (text) => (text === '' ? [] : [{ text, start: 0 }]);

  return (text) => {
    const pieces: TextPiece[] = [];
    let end = 0;
    const addText = (until: number): void => {
      if (until > end) pieces.push({ text: text.slice(end, until), start: end });
    };
    for (let at = 0; at < text.length;) {
      const found = longestAt(root, text, at);
      if (found === undefined) {
        at++;
        continue;
      }
      const { token } = found;
      const start = at;
      at = found.end;
      if (isText(token) || (token['single_word'] === true && !isWholeWord(text, start, at))) continue;
      const from = token['lstrip'] === true ? Math.max(end, spaceStart(text, start)) : start;
      if (token['rstrip'] === true) at = spaceEnd(text, at);
      addText(from);
      pieces.push({ text: text.slice(from, at), start: from, token });
      end = at;
    }
    addText(text.length);
    return pieces;
  };
}

function longestAt(root: Node, text: string, start: number): { token: AddedToken; end: number } | undefined {
  let longest: { token: AddedToken; end: number } | undefined;
  let node: Node | undefined = root;
  for (let at = start; at < text.length;) {
    node = node.next.get(text[at++]);
    if (node === undefined) break;
    if (node.token !== undefined) longest = { token: node.token, end: at };
  }
  return longest;
}

/** Unicode's `\w`, which JavaScript's is not. */
const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const WORD_AT_END = new RegExp(`${WORD}$`, 'u');
const WORD_AT_START = new RegExp(`^${WORD}`, 'u');
const SPACE = /\p{White_Space}/u;

function isWholeWord(text: string, start: number, end: number): boolean {
  // Two units on each side hold a character.
  return (
    !WORD_AT_END.test(text.slice(Math.max(0, start - 2), start)) &&
    !WORD_AT_START.test(text.slice(end, end + 2))
  );
}

function spaceStart(text: string, end: number): number {
  let start = end;
  while (start > 0 && SPACE.test(text[start - 1])) start--;
  return start;
}

function spaceEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && SPACE.test(text[end])) end++;
  return end;
}
