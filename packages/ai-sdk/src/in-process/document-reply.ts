/** Replies of a model in this process: a text, an image, or a document that mixes them. */
import type { LanguageModelV3CallOptions, LanguageModelV3Usage, SharedV3Warning } from '@ai-sdk/provider';
import type { GenerateRequest, OutputEvent, TokenUsage, TrainedModel } from '@transfusion/pipelines';
import { unsupportedError } from '../ai-sdk-errors.js';
import { sizeInReply } from '../image-settings.js';
import { joinedParts, readPrompt } from '../prompt-content.js';
import { languageOptionNames, readProviderOptions } from '../provider-options.js';
import type { Reply, ReplyEvent } from '../reply.js';
import { latentShapeOfSize } from './latent-shape-of-size.js';
import { loadPipelines } from './load-pipelines.js';
import { hasMedia, modalityOfMedia, textModality } from './modality-of-media.js';
import { promptSegments } from './prompt-segments.js';
import { requestOptions } from './request-options.js';

/**
 * Begins a reply; the prompt is encoded when it resolves.
 *
 * @throws UnsupportedFunctionalityError, TransfusionError for what the model cannot take
 */
export async function documentReply(
  trained: TrainedModel,
  modelId: string,
  call: LanguageModelV3CallOptions,
  signal: AbortSignal,
): Promise<Reply> {
  const { generateStream } = await loadPipelines();
  const { request, warnings } = await documentRequest(trained, call);
  const events = generateStream(trained, request, { signal });
  // What is refused is refused before the first event.
  const first = (await events.next()).value as OutputEvent;
  return { warnings, events: replyEvents(trained, modelId, first, events), seed: request.seed };
}

async function documentRequest(
  trained: TrainedModel,
  call: LanguageModelV3CallOptions,
): Promise<{ readonly request: GenerateRequest; readonly warnings: SharedV3Warning[] }> {
  const { messages, warnings } = readPrompt(call.prompt);
  const own = readProviderOptions(call.providerOptions, languageOptionNames);
  const { modalities: kinds = ['text'], size: wantedSize, maxImages, ...options } = own.options;
  const modalities: readonly string[] = kinds;
  const { size, warnings: sizeWarnings } = sizeInReply(modalities, wantedSize);
  const prompt = await promptSegments(trained, joinedParts(messages));
  const text = await textModality(trained);
  const { temperature, topK, topP } = call;
  const settings = { temperature, topK, topP };
  const shared = {
    ...requestOptions({ ...settings, ...options }, text.name, call.seed),
    prompt,
    maxTokens: call.maxOutputTokens,
    stop: call.stopSequences,
  };
  const all = [...warnings, ...own.warnings, ...sizeWarnings];
  const output = outputOf(modalities);
  // An empty reply is of no use to anybody who asks for a text, as on the server.
  if (output === 'text') return { request: { minTokens: 1, ...shared, output: text.name }, warnings: all };
  const files = modalities.filter((kind) => kind !== 'text').map((kind) => modalityOfMedia(trained, kind));
  if (output === 'document') {
    const names = [text, ...files].map(({ name }) => name);
    return { request: { ...shared, output, maxSpans: maxImages, modalities: names }, warnings: all };
  }
  const [modality] = files;
  const latentShape = latentShapeOfSize(modality, size);
  const last = prompt.findLastIndex((segment) => segment.modality === modality.name);
  // An edited image keeps its shape.
  const latentShapeOf = latentShape === undefined && last >= 0 ? last : undefined;
  return { request: { ...shared, output: modality.name, latentShape, latentShapeOf }, warnings: all };
}

function outputOf(modalities: readonly string[]): string {
  const isKnown = modalities.every((kind) => ['text', 'image', 'audio'].includes(kind));
  if (isKnown && modalities.length > 0) return new Set(modalities).size > 1 ? 'document' : modalities[0];
  throw unsupportedError(
    `transfusionInProcess: modalities is ${JSON.stringify(modalities)}, expected some of "text", "image" and "audio". ` +
      'Correct it in providerOptions.transfusion.',
    'modalities',
  );
}

async function* replyEvents(
  { model }: TrainedModel,
  modelId: string,
  first: OutputEvent,
  events: AsyncIterable<OutputEvent>,
): AsyncGenerator<ReplyEvent, void> {
  yield { type: 'metadata', timestamp: new Date(), modelId };
  yield { type: 'raw', rawValue: first };
  for await (const event of events) {
    yield { type: 'raw', rawValue: event };
    if (event.type === 'text') yield { type: 'text', text: event.text };
    else if (event.type === 'value') {
      const modality = model.modalities.get(event.modality);
      if (!hasMedia(modality)) continue;
      const { mediaType } = modality.media;
      yield { type: 'file', mediaType, data: await modality.media.encode(event.value) };
    } else if (event.type === 'end') {
      yield {
        type: 'end',
        finishReason: { unified: event.reason, raw: event.reason },
        usage: usageOf(event.usage),
      };
    }
  }
}

function usageOf(usage: TokenUsage): LanguageModelV3Usage {
  const input = usage.promptTokens + usage.promptSpanPositions;
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: {
      total: usage.generatedTokens + usage.generatedSpanPositions,
      text: usage.generatedTokens,
      reasoning: undefined,
    },
    raw: { ...usage },
  };
}
