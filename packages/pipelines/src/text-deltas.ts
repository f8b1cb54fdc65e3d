import { findStop } from '@transfusion/core/documents';
import { decodeIds, type DiscreteModality } from '@transfusion/modality';

/** The text of tokens as they come; see {@link textDeltas}. */
export interface TextDeltas {
  /** Takes the next token; returns the text that is certain now and was not before, which may be empty. */
  push(id: number): Promise<string>;
  /** Returns the rest of the text; `stopped` if it ends in a stop string, which is then cut off. */
  end(stopped: boolean): string;
}

/**
 * Decodes tokens one at a time. Half a character is held back until it is complete, and what may turn out to be the
 * beginning of a stop string until it is not. All pieces together are what the tokens decode to at once.
 *
 * @param modality one whose values are strings
 */
export function textDeltas(modality: DiscreteModality, stop: readonly string[] = []): TextDeltas {
  const ids: number[] = [];
  /**
   * Tokens from `first` on are decoded each time, with and without those from `known` on: a tokenizer may decode the same
   * token in another way at the beginning of a text.
   */
  let [first, known] = [0, 0];
  let text = '';
  /** Length of the text without its last token, and of the part that was returned. */
  let [before, returned] = [0, 0];
  const decode = async (from: number, to: number): Promise<string> =>
    (await decodeIds(modality, Int32Array.from(ids.slice(from, to)), 'generate')) as string;
  const take = (end: number): string => {
    const delta = text.slice(returned, end);
    returned = Math.max(returned, end);
    return delta;
  };
  return {
    push: async (id) => {
      ids.push(id);
      before = text.length;
      const [context, longer] = [await decode(first, known), await decode(first, ids.length)];
      if (longer.length > context.length) {
        text += longer.slice(context.length);
        [first, known] = [known, ids.length];
      }
      const complete = findStop(text, text.slice(0, before), stop);
      return take(Math.min(complete < 0 ? text.length : complete, text.length - beginningOf(text, stop)));
    },
    end: (stopped) => {
      const complete = stopped ? findStop(text, text.slice(0, before), stop) : -1;
      return take(complete < 0 ? text.length : complete);
    },
  };
}

/** Returns the length of the longest beginning of a stop string that the text ends in. */
function beginningOf(text: string, stop: readonly string[]): number {
  let longest = 0;
  for (const end of stop) {
    for (let length = Math.min(end.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(end.slice(0, length))) longest = length;
    }
  }
  return longest;
}
