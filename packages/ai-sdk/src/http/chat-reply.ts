/** Replies of OpenAI's chat wire as a stream; images are in `delta.images`, or parts of `delta.content`; audio in `delta.audio`. */
import type { LanguageModelV3FinishReason, LanguageModelV3Usage } from '@ai-sdk/provider';
import { readFileData, toBase64 } from '../file-data.js';
import { UNKNOWN_USAGE, type ReplyEvent } from '../reply.js';
import { messageIn, type PostResponse } from './post.js';
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.js';

interface ImagePart {
  readonly type: 'image_url';
  readonly image_url: { readonly url: string };
}

type ContentPart = ImagePart | { readonly type: 'text'; readonly text: string };

interface WireUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  readonly completion_tokens_details?: { readonly image_tokens?: number } | null;
}

interface Chunk {
  readonly id?: string;
  readonly created?: number;
  readonly model?: string;
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | readonly ContentPart[] | null;
      readonly images?: readonly ImagePart[] | null;
      readonly audio?: { readonly data?: string } | null;
    };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: WireUsage | null;
}

/**
 * Reads a streamed reply.
 *
 * @throws APICallError for an error in the stream, and for one that ends before it is complete
 */
export async function* chatReply(answer: PostResponse): AsyncGenerator<ReplyEvent, void> {
  const { failure } = answer;
  let hasBegun = false;
  let isComplete = false;
  let finishReason: string | undefined;
  let usage: WireUsage | undefined;
  for await (const { event, data } of eventsOf(answer)) {
    if (data === '[DONE]') {
      isComplete = true;
      yield { type: 'end', finishReason: unified(finishReason), usage: usageOf(usage) };
      continue;
    }
    const chunk = parseChunk(data, failure);
    const problem = messageIn(chunk);
    if (problem !== undefined || event === 'error') {
      const isRetryable = isTransient(chunk);
      throw failure(problem ?? `transfusion: the server reported an error: ${data}`, {
        data: chunk,
        isRetryable,
      });
    }
    yield { type: 'raw', rawValue: chunk };
    const { id, created, model, choices: [choice] = [] } = chunk;
    if (!hasBegun) {
      hasBegun = true;
      const timestamp = created === undefined ? undefined : new Date(created * 1000);
      yield { type: 'metadata', id, timestamp, modelId: model };
    }
    yield* contentEvents(choice?.delta?.content);
    for (const image of choice?.delta?.images ?? []) yield imageEvent(image);
    const audio = choice?.delta?.audio?.data;
    if (audio !== undefined) yield fileEvent(audio, 'audio/*');
    finishReason = choice?.finish_reason ?? finishReason;
    usage = chunk.usage ?? usage;
  }
  if (isComplete) return;
  throw failure(
    'transfusion: the stream ended before the reply was complete, expected data: [DONE]. The server or a proxy closed it; ' +
      'try again.',
    { isRetryable: true },
  );
}

/** Yields events up to `[DONE]`; the body is read to its end, since to leave it would close the connection. */
async function* eventsOf({ response, lost }: PostResponse): AsyncGenerator<ServerSentEvent, void> {
  let isDone = false;
  try {
    for await (const event of serverSentEvents(response.body!)) {
      if (isDone) continue;
      isDone = event.data === '[DONE]';
      yield event;
    }
  } catch (cause) {
    if (!isDone) throw lost(cause);
  }
}

function parseChunk(data: string, failure: PostResponse['failure']): Chunk {
  try {
    const chunk = JSON.parse(data) as unknown;
    if (typeof chunk === 'object' && chunk !== null) return chunk;
  } catch (cause) {
    throw failure(notJson(data), { cause });
  }
  throw failure(notJson(data));
}

function notJson(data: string): string {
  return `transfusion: found '${data.slice(0, 80)}' in the stream, expected a JSON object. Check that baseURL is that of the API.`;
}

/** A wrong request stays wrong, and one that took too long would take as long again. */
function isTransient(chunk: object): boolean {
  const { error } = chunk as { error?: { type?: string } };
  return !['invalid_request_error', 'timeout_error'].includes(error?.type ?? '');
}

function* contentEvents(content: string | readonly ContentPart[] | null | undefined): Generator<ReplyEvent> {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? []);
  for (const part of parts) {
    if (part.type === 'image_url') yield imageEvent(part);
    else if (part.text !== '') yield { type: 'text', text: part.text };
  }
}

function imageEvent({ image_url: { url } }: ImagePart): ReplyEvent {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  if (data !== undefined) return { type: 'file', mediaType, data };
  return fileEvent(url, 'image/*');
}

function fileEvent(data: string, type: string): ReplyEvent {
  const { mediaType, bytes } = readFileData(data, type);
  return { type: 'file', mediaType, data: toBase64(bytes) };
}

function unified(raw: string | undefined): LanguageModelV3FinishReason {
  const known: Record<string, LanguageModelV3FinishReason['unified']> = {
    stop: 'stop',
    length: 'length',
    content_filter: 'content-filter',
    tool_calls: 'tool-calls',
  };
  return { unified: known[raw ?? ''] ?? 'other', raw };
}

function usageOf(usage: WireUsage | undefined): LanguageModelV3Usage {
  if (usage === undefined) return UNKNOWN_USAGE;
  const { prompt_tokens: input, completion_tokens: output } = usage;
  const cached = usage.prompt_tokens_details?.cached_tokens;
  const imageTokens = usage.completion_tokens_details?.image_tokens ?? 0;
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - (cached ?? 0),
      cacheRead: cached,
      cacheWrite: undefined,
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : output - imageTokens,
      reasoning: undefined,
    },
    raw: JSON.parse(JSON.stringify(usage)) as LanguageModelV3Usage['raw'],
  };
}
