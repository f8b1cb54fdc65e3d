import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3StreamPart,
  SharedV3Warning,
} from '@ai-sdk/provider';
import { replyParts, replyResult, type Reply } from './reply.js';
import { unsupported } from './unsupported-settings.js';

/**
 * Creates a language model.
 *
 * @param reply begins a reply, and rejects what can be rejected before it begins; `signal` ends it
 */
export function createLanguageModel(
  provider: string,
  modelId: string,
  reply: (options: LanguageModelV3CallOptions, signal: AbortSignal) => Promise<Reply>,
): LanguageModelV3 {
  const begin = async (options: LanguageModelV3CallOptions, signal: AbortSignal): Promise<Reply> => {
    signal.throwIfAborted();
    const begun = await reply(options, signal);
    return { ...begun, warnings: [...settingWarnings(options), ...begun.warnings] };
  };
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    // The AI SDK downloads whatever is at other addresses.
    supportedUrls: {},
    doGenerate: async (options) =>
      replyResult(await begin(options, options.abortSignal ?? new AbortController().signal)),
    doStream: async (options) => {
      const controller = new AbortController();
      const { abortSignal } = options;
      const signal =
        abortSignal === undefined ? controller.signal : AbortSignal.any([abortSignal, controller.signal]);
      const begun = await begin(options, signal);
      return {
        stream: cancelableStream(replyParts(begun, signal, options.includeRawChunks), controller),
        request: { body: begun.requestBody },
        response: { headers: begun.responseHeaders },
      };
    },
  };
}

/** Streams what a generator yields; canceling the stream aborts, since a generator that waits cannot be ended otherwise. */
function cancelableStream(
  parts: AsyncGenerator<LanguageModelV3StreamPart, void>,
  controller: AbortController,
): ReadableStream<LanguageModelV3StreamPart> {
  return new ReadableStream({
    pull: async (stream) => {
      const { done, value } = await parts.next();
      if (done) stream.close();
      else stream.enqueue(value);
    },
    cancel: (reason) => {
      controller.abort(reason);
    },
  });
}

function settingWarnings(options: LanguageModelV3CallOptions): SharedV3Warning[] {
  const { presencePenalty, frequencyPenalty, tools, toolChoice, responseFormat } = options;
  return [
    ...unsupported(
      { presencePenalty, frequencyPenalty },
      'Use repetitionPenalty of providerOptions.transfusion.',
    ),
    ...unsupported({
      tools: tools?.length ? tools : undefined,
      toolChoice: toolChoice?.type === 'none' || !tools?.length ? undefined : toolChoice,
      responseFormat: responseFormat?.type === 'json' ? responseFormat : undefined,
    }),
  ];
}
