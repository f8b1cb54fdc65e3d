import type { PromptPart } from '../inference/model-host.js';

/** A part of the prompt, and the field that it comes from. */
export interface LocatedPart {
  readonly part: PromptPart;
  readonly param: string;
}

/**
 * Joins messages to one prompt. Adjacent texts are one part: those of one message as they are, those of different
 * messages with a newline between them.
 */
export function joinMessages(messages: readonly (readonly LocatedPart[])[]): LocatedPart[] {
  const parts: LocatedPart[] = [];
  for (const message of messages) {
    for (const [index, next] of message.entries()) {
      const last = parts.at(-1)?.part;
      if (next.part.type === 'text' && last?.type === 'text') {
        const text = last.text + (index === 0 ? '\n' : '') + next.part.text;
        parts[parts.length - 1] = { part: { type: 'text', text }, param: next.param };
      } else {
        parts.push(next);
      }
    }
  }
  return parts;
}
