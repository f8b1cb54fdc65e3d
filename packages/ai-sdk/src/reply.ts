/** Replies of language models as events, and their translation to the AI SDK's results and stream parts. */
import type {
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3ResponseMetadata,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
  SharedV3Warning,
} from '@ai-sdk/provider';
import { seedMetadata } from './seeds.js';

/** A piece of a reply, from a server or from a model in this process. */
export type ReplyEvent =
  | ({ readonly type: 'metadata' } & LanguageModelV3ResponseMetadata)
  /** More text. */
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'file'; readonly mediaType: string; readonly data: string | Uint8Array }
  /** Anything as it arrived, for `includeRawChunks`. */
  | { readonly type: 'raw'; readonly rawValue: unknown }
  | {
      readonly type: 'end';
      readonly finishReason: LanguageModelV3FinishReason;
      readonly usage: LanguageModelV3Usage;
    };

/** A reply that has begun. */
export interface Reply {
  readonly warnings: SharedV3Warning[];
  /** Throws if the reply fails after it has begun. */
  readonly events: AsyncGenerator<ReplyEvent, void>;
  /** Random seed of the reply, if it is known. */
  readonly seed?: number;
  readonly requestBody?: unknown;
  readonly responseHeaders?: Record<string, string>;
}

/** Usage that nobody reported. */
export const UNKNOWN_USAGE: LanguageModelV3Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** Collects a whole reply: texts and files in the order in which they were generated. */
export async function replyResult({
  warnings,
  events,
  seed,
  requestBody,
  responseHeaders,
}: Reply): Promise<LanguageModelV3GenerateResult> {
  const content: LanguageModelV3Content[] = [];
  let metadata: LanguageModelV3ResponseMetadata = {};
  let [finishReason, usage]: [LanguageModelV3FinishReason, LanguageModelV3Usage] = [
    { unified: 'other', raw: undefined },
    UNKNOWN_USAGE,
  ];
  for await (const event of events) {
    if (event.type === 'text') {
      const last = content.at(-1);
      if (last?.type === 'text') last.text += event.text;
      else content.push({ type: 'text', text: event.text });
    } else if (event.type === 'file') content.push({ ...event });
    else if (event.type === 'metadata') {
      const { type: _, ...rest } = event;
      metadata = rest;
    } else if (event.type === 'end') ({ finishReason, usage } = event);
  }
  return {
    content,
    finishReason,
    usage,
    warnings,
    ...seedMetadata(seed),
    request: { body: requestBody },
    response: { ...metadata, headers: responseHeaders },
  };
}

/**
 * Translates a reply to stream parts: deltas without a file between them are one text. A reply that fails ends in an
 * `error` part and the finish reason `error`; one that is aborted throws the signal's reason.
 */
export async function* replyParts(
  { warnings, events, seed }: Reply,
  signal: AbortSignal,
  includeRawChunks = false,
): AsyncGenerator<LanguageModelV3StreamPart, void> {
  yield { type: 'stream-start', warnings };
  let numTexts = 0;
  let textId: string | undefined;
  const endText = (): LanguageModelV3StreamPart[] => {
    if (textId === undefined) return [];
    const id = textId;
    textId = undefined;
    return [{ type: 'text-end', id }];
  };
  try {
    for await (const event of events) {
      if (event.type === 'text') {
        if (textId === undefined) yield { type: 'text-start', id: (textId = String(numTexts++)) };
        yield { type: 'text-delta', id: textId, delta: event.text };
      } else if (event.type === 'file') {
        yield* endText();
        yield { ...event };
      } else if (event.type === 'metadata') yield { ...event, type: 'response-metadata' };
      else if (event.type === 'end') {
        yield* endText();
        yield { ...event, type: 'finish', ...seedMetadata(seed) };
      } else if (includeRawChunks) yield { ...event };
    }
  } catch (error) {
    signal.throwIfAborted();
    yield* endText();
    yield { type: 'error', error };
    yield { type: 'finish', finishReason: { unified: 'error', raw: undefined }, usage: UNKNOWN_USAGE };
  }
}
