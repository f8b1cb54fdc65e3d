/** Prompt of chat: the parts of all messages, one after another. */
import type { ChatRequest } from './chat-request.js';
import { decodeBase64, decodeImageUri } from './data-uri.js';
import { joinMessages, type LocatedPart } from './join-messages.js';

const AUDIO_MEDIA_TYPES = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
} as const;

/**
 * Returns the parts of a conversation's messages, as {@link joinMessages} joins them.
 *
 * @throws ApiError 400 for a file that is not in the request (a link, a path) or is not base64
 */
export function chatPrompt(messages: ChatRequest['messages']): LocatedPart[] {
  return joinMessages(messages.map((message, index) => messageParts(message, `messages[${index}]`)));
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
      return { part: { type: 'file', ...decodeImageUri(part.image_url.url, url) }, param: url };
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
