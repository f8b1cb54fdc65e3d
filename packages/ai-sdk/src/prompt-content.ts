/** The parts of a prompt that Transfusion models take: texts and files, message by message. */
import type { LanguageModelV3Message, LanguageModelV3Prompt, SharedV3Warning } from '@ai-sdk/provider';
import { unsupportedError } from './ai-sdk-errors.js';
import { readFileData, type FileData } from './file-data.js';

/** A text, or a file. */
export type PromptPart =
  { readonly type: 'text'; readonly text: string } | ({ readonly type: 'file' } & FileData);

/** A message of text and files. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly PromptPart[];
}

/**
 * Reads a prompt; reasoning is left out with a warning.
 *
 * @throws UnsupportedFunctionalityError for tools' messages, and URLs of files
 */
export function readPrompt(prompt: LanguageModelV3Prompt): {
  readonly messages: readonly PromptMessage[];
  readonly warnings: SharedV3Warning[];
} {
  const warnings: SharedV3Warning[] = [];
  const messages = prompt.map((message) => ({
    role: message.role as PromptMessage['role'],
    parts: partsOf(message, warnings),
  }));
  return { messages, warnings };
}

function partsOf(message: LanguageModelV3Message, warnings: SharedV3Warning[]): PromptPart[] {
  if (message.role === 'system') return [{ type: 'text', text: message.content }];
  return message.content.flatMap((part): PromptPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }];
    if (part.type === 'file') return [{ type: 'file', ...readFileData(part.data, part.mediaType) }];
    if (part.type === 'reasoning') {
      warnings.push({ type: 'unsupported', feature: 'reasoning in the prompt', details: 'It was left out.' });
      return [];
    }
    throw unsupportedError(
      `transfusion: found a part '${part.type}' in a message of role '${message.role}', expected texts and files. ` +
        'Remove tools from the conversation.',
      part.type,
    );
  });
}

/**
 * Returns the parts of all messages in order, as servers join them: adjacent texts are one, those of different messages
 * with a newline between them.
 */
export function joinedParts(messages: readonly PromptMessage[]): PromptPart[] {
  const joined: PromptPart[] = [];
  for (const { parts } of messages) {
    parts.forEach((part, i) => {
      const last = joined.at(-1);
      if (part.type === 'text' && last?.type === 'text') {
        joined[joined.length - 1] = { type: 'text', text: last.text + (i === 0 ? '\n' : '') + part.text };
      } else joined.push(part);
    });
  }
  return joined;
}
