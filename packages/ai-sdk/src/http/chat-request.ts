/** Requests of OpenAI's chat wire, with the fields that Transfusion servers add. */
import type { LanguageModelV3CallOptions, SharedV3Warning } from '@ai-sdk/provider';
import { unsupportedError } from '../ai-sdk-errors.js';
import { audioFormat, dataUrl, toBase64 } from '../file-data.js';
import { sizeInReply } from '../image-settings.js';
import { readPrompt, type PromptMessage, type PromptPart } from '../prompt-content.js';
import { languageOptionNames, readProviderOptions } from '../provider-options.js';
import { wireOptions } from './wire-options.js';

/**
 * Returns the body of a request that streams its reply.
 *
 * @throws UnsupportedFunctionalityError for what the wire cannot hold
 */
export function chatRequest(
  model: string,
  call: LanguageModelV3CallOptions,
): { readonly body: object; readonly warnings: SharedV3Warning[] } {
  const { messages, warnings } = readPrompt(call.prompt);
  const { temperature, topP, topK, seed, maxOutputTokens, stopSequences } = call;
  const own = readProviderOptions(call.providerOptions, languageOptionNames);
  const { modalities = ['text'], size: wantedSize, ...options } = own.options;
  const { size, warnings: sizeWarnings } = sizeInReply(modalities, wantedSize);
  return {
    body: {
      model,
      messages: messages.map(wireMessage),
      modalities,
      ...wireOptions({
        ...{ temperature, topP, topK, seed },
        maxTokens: maxOutputTokens,
        stop: stopSequences?.length ? stopSequences : undefined,
        ...options,
        size,
      }),
      stream: true,
      stream_options: { include_usage: true },
    },
    warnings: [...warnings, ...own.warnings, ...sizeWarnings],
  };
}

function wireMessage({ role, parts }: PromptMessage): object {
  const isText = parts.every(({ type }) => type === 'text');
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { role, content: isText ? text : parts.map(wirePart) };
}

function wirePart(part: PromptPart): object {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const [kind] = part.mediaType.split('/');
  if (kind === 'image') return { type: 'image_url', image_url: { url: dataUrl(part) } };
  if (kind === 'audio') {
    const format = audioFormat(part.mediaType);
    return { type: 'input_audio', input_audio: { data: toBase64(part.bytes), format } };
  }
  throw unsupportedError(
    `transfusion: found a file of type ${part.mediaType}, expected image/* or audio/*. Remove it from the prompt.`,
    `${part.mediaType} files`,
  );
}
