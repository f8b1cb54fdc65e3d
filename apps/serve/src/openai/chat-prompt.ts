/** Prompt of chat: the parts of all messages, one after another. */
import type { PromptPart } from '../inference/model-host.js';
import type { ChatRequest } from './chat-request.js';
import { decodeBase64, decodeDataUri } from './data-uri.js';

const AUDIO_MEDIA_TYPES = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
} as const;

/** A part of the prompt, and the field that it comes from. */
export interface LocatedPart {
  readonly part: PromptPart;
  readonly param: string;
}

/**
 * Returns the parts of a conversation's messages. Adjacent texts are one part: those of one message as they are, those of
 * different messages with a newline between them.
 *
 * @throws ApiError 400 for a file that is not in the request (a link, a path) or is not base64
 */
export function chatPrompt(messages: ChatRequest['messages']): LocatedPart[] {
  const parts: LocatedPart[] = [];
  for (const [index, message] of messages.entries()) {
    let isMessageStart = true;
    for (const next of messageParts(message, `messages[${index}]`)) {
      const last = parts.at(-1)?.part;
      if (next.part.type === 'text' && last?.type === 'text') {
        const text = last.text + (isMessageStart ? '\n' : '') + next.part.text;
        parts[parts.length - 1] = { part: { type: 'text', text }, param: next.param };
      } else {
        parts.push(next);
      }
      isMessageStart = false;
    }
  }
  return parts;
}

function messageParts(
  { content, images = [], audio }: ChatRequest['messages'][number],
  param: string,
): LocatedPart[] {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? []);
  return [
    ...parts.map((part, index) => locatedPart(part, `${param}.content[${index}]`)),
    ...images.map((part, index) => locatedPart(part, `${param}.images[${index}]`)),
    ...(audio === undefined ? [] : [audioPart(audio.data, 'audio/*', `${param}.audio.data`)]),
  ];
}

type ContentPart = Exclude<NonNullable<ChatRequest['messages'][number]['content']>, string>[number];

function locatedPart(part: ContentPart, param: string): LocatedPart {
  switch (part.type) {
    case 'text':
      return { part, param };
    case 'image_url': {
      const url = `${param}.image_url.url`;
      return { part: { type: 'file', ...decodeDataUri(part.image_url.url, url) }, param: url };
    }
    case 'input_audio': {
      const { data, format } = part.input_audio;
      return audioPart(data, AUDIO_MEDIA_TYPES[format], `${param}.input_audio.data`);
    }
  }
}

function audioPart(data: string, mediaType: string, param: string): LocatedPart {
  return { part: { type: 'file', mediaType, bytes: decodeBase64(data, param) }, param };
}
