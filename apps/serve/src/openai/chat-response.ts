/** Response of `POST /v1/chat/completions`, whole or in chunks. */
import { z } from 'zod';
import type { InferenceEvent, InferenceUsage } from '../inference/model-host.js';
import { encodeBase64, encodeDataUri } from './data-uri.js';
import { chatUsage, toChatUsage, totalUsage } from './usage.js';

const image = z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) });

const audio = z.object({
  id: z.string(),
  data: z.string(),
  expires_at: z.int(),
  transcript: z.string(),
});

const finishReason = z.enum(['stop', 'length']);

const contentPart = z.union([z.object({ type: z.literal('text'), text: z.string() }), image]);

/** Body of the response. */
export const chatResponse = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({
          role: z.literal('assistant'),
          content: z.union([z.string(), z.array(contentPart)]).nullable(),
          refusal: z.null(),
          images: z.array(image).optional(),
          audio: audio.optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    ),
    usage: chatUsage,
  })
  .meta({ id: 'ChatCompletion' });

/** One of the server-sent events of a streamed response; `data: [DONE]` follows the last. */
export const chatChunk = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          images: z.array(image).optional(),
          audio: audio.optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: chatUsage.nullable().optional(),
  })
  .meta({ id: 'ChatCompletionChunk' });

/** The fields that a response and all of its chunks share. */
export interface ChatHeader {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

type Choice = z.infer<typeof chatResponse>['choices'][number];
type Chunk = z.infer<typeof chatChunk>;
type File = Extract<InferenceEvent, { type: 'file' }>;
type Image = z.infer<typeof image>;

/** Returns the response for the events of all choices. */
export function chatCompletion(
  header: ChatHeader,
  outputs: readonly (readonly InferenceEvent[])[],
  contentFormat: 'string' | 'parts',
): z.infer<typeof chatResponse> {
  const ends = outputs.flatMap((events) => events.filter((event) => event.type === 'end'));
  return {
    id: header.id,
    object: 'chat.completion',
    created: header.created,
    model: header.model,
    choices: outputs.map((events, index) => ({
      index,
      message: message(header, events, contentFormat),
      logprobs: null,
      finish_reason: ends[index].reason,
    })),
    usage: toChatUsage(totalUsage(ends.map((end) => end.usage))),
  };
}

function message(
  header: ChatHeader,
  events: readonly InferenceEvent[],
  contentFormat: 'string' | 'parts',
): Choice['message'] {
  const files = events.filter((event) => event.type === 'file');
  const images = files.filter(isImage).map(imagePart);
  const spoken = files.find((file) => !isImage(file));
  const common = {
    role: 'assistant' as const,
    refusal: null,
    ...(spoken !== undefined && { audio: audioOf(header, spoken) }),
  };
  if (contentFormat === 'parts') return { ...common, content: contentParts(events) };
  const texts = events.filter((event) => event.type === 'text');
  return {
    ...common,
    content: texts.length > 0 ? texts.map(({ text }) => text).join('') : null,
    ...(images.length > 0 && { images }),
  };
}

function contentParts(events: readonly InferenceEvent[]): z.infer<typeof contentPart>[] {
  const parts: z.infer<typeof contentPart>[] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (event.type === 'file' && isImage(event)) parts.push(imagePart(event));
    else if (event.type === 'text' && last?.type === 'text') last.text += event.text;
    else if (event.type === 'text') parts.push({ type: 'text', text: event.text });
  }
  return parts;
}

/** Returns the chunk for an event of a choice, or undefined if the client does not hear of it. */
export function chatEventChunk(header: ChatHeader, index: number, event: InferenceEvent): Chunk | undefined {
  switch (event.type) {
    case 'start':
      return chunk(header, index, { role: 'assistant', content: '' });
    case 'text':
      return chunk(header, index, { content: event.text });
    case 'file':
      return chunk(
        header,
        index,
        isImage(event) ? { images: [imagePart(event)] } : { audio: audioOf(header, event) },
      );
    case 'end':
      return chunk(header, index, {}, event.reason);
    default:
      return undefined;
  }
}

/** Returns the last chunk of a stream whose client asks for the usage. */
export function chatUsageChunk(header: ChatHeader, outputs: readonly InferenceUsage[]): Chunk {
  return {
    ...chunkHeader(header),
    choices: [],
    usage: toChatUsage(totalUsage(outputs)),
  };
}

function chunk(
  header: ChatHeader,
  index: number,
  delta: Chunk['choices'][number]['delta'],
  finish_reason: Chunk['choices'][number]['finish_reason'] = null,
): Chunk {
  return { ...chunkHeader(header), choices: [{ index, delta, logprobs: null, finish_reason }] };
}

function chunkHeader({ id, created, model }: ChatHeader) {
  return { id, object: 'chat.completion.chunk' as const, created, model };
}

function isImage(file: File): boolean {
  return file.mediaType.startsWith('image/');
}

function imagePart(file: File): Image {
  return { type: 'image_url', image_url: { url: encodeDataUri(file) } };
}

/** Audio is in the response alone: it expires at once. */
function audioOf({ id, created }: ChatHeader, { bytes }: File): z.infer<typeof audio> {
  return { id: `audio_${id}`, data: encodeBase64(bytes), expires_at: created, transcript: '' };
}
