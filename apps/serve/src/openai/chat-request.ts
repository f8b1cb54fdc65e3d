/** Request of `POST /v1/chat/completions`. */
import { z } from 'zod';
import type { InferenceRequest, PromptPart } from '../inference/model-host.js';
import { boundedMessages, MAX_PARTS } from './bounded.js';
import {
  compatibilityFields,
  metadata,
  obfuscationField,
  reasoningEffortField,
  verbosityField,
} from './compatibility-fields.js';
import {
  countField,
  denoisingFields,
  imageGuidanceField,
  inferenceOptions,
  modelField,
  optional,
  samplingFields,
  sizeField,
  textFields,
  withoutEffect,
} from './generation-fields.js';
import { imageUriField, inputImageFields } from './image-fields.js';
import { keptSize } from './kept-size.js';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: imageUriField, ...inputImageFields }),
});

const audioPart = z.strictObject({
  type: z.literal('input_audio'),
  input_audio: z.strictObject({
    data: z.string().describe('The file as base64.'),
    format: z.enum(['wav', 'mp3', 'flac', 'ogg']),
  }),
});

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: optional(
    z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart, audioPart]))]),
  ).describe('A text, or a list of parts.'),
  images: optional(z.array(imagePart)).describe(
    "Images after the content, as in the server's replies, so that a reply can be sent back.",
  ),
  audio: optional(
    z.strictObject({
      id: withoutEffect(z.string()),
      data: z.string().describe('The file as base64.'),
      expires_at: withoutEffect(z.int()),
      transcript: withoutEffect(z.string()),
    }),
  ).describe(
    "A sound after the content, as in the server's replies; with its `data`, since the server keeps none.",
  ),
  name: withoutEffect(z.string()),
  refusal: withoutEffect(z.string()),
});

const outputKind = z.enum(['text', 'image', 'audio']);

/** Body of the request. */
export const chatRequest = z
  .strictObject({
    model: modelField,
    messages: boundedMessages(z.array(message).min(1)).describe(
      'The prompt: the parts of all messages in order. No chat template is applied, and roles have no effect; texts of ' +
        `adjacent messages are joined by a newline. Up to ${MAX_PARTS} messages and parts.`,
    ),
    modalities: optional(z.array(outputKind).min(1).max(3)).describe(
      "What to generate: ['text'] (the default), ['image'] or ['audio'] for one of it; several for a document, in which " +
        'the model decides what comes when, with up to `max_images` images.',
    ),
    n: countField,
    ...samplingFields,
    ...textFields,
    ...denoisingFields,
    image_guidance_scale: imageGuidanceField,
    size: sizeField,
    stream: optional(z.boolean()).describe('Sends the output as server-sent events while it is generated.'),
    stream_options: optional(
      z.strictObject({
        include_usage: optional(z.boolean()).describe('Adds a last chunk with the usage.'),
        include_obfuscation: obfuscationField,
      }),
    ).describe('Options of a stream.'),
    content_format: optional(z.enum(['string', 'parts'])).describe(
      "Form of a reply: 'string' (the default) has the text in `message.content` and images in `message.images`; 'parts' " +
        'has both in `message.content`, as a list in the order of generation.',
    ),
    metadata: withoutEffect(metadata),
    ...compatibilityFields,
    verbosity: verbosityField,
    reasoning_effort: reasoningEffortField,
    tool_choice: withoutEffect(z.enum(['none', 'auto'])),
    tools: withoutEffect(z.array(z.never()).max(0, 'expected none: models call no tools')),
    frequency_penalty: withoutEffect(z.literal(0, 'expected 0: use repetition_penalty')),
    presence_penalty: withoutEffect(z.literal(0, 'expected 0: use repetition_penalty')),
    logprobs: withoutEffect(z.literal(false)),
    response_format: withoutEffect(z.strictObject({ type: z.literal('text') })),
    audio: withoutEffect(z.strictObject({ voice: z.unknown().optional(), format: z.string().optional() })),
  })
  .refine(({ modalities, size }) => size === undefined || outputOf(modalities) === 'image', {
    path: ['size'],
    error: "expected none, or modalities ['image']: among texts the model chooses the sizes of images",
  })
  .meta({
    id: 'ChatCompletionRequest',
    examples: [{ messages: [{ role: 'user', content: 'red apple, noto' }], modalities: ['image'], seed: 1 }],
  });

/** Parsed body of the request. */
export type ChatRequest = z.output<typeof chatRequest>;

/** Returns what to generate for a request with this prompt. */
export function chatInferenceRequest(
  request: ChatRequest,
  prompt: readonly PromptPart[],
  seeds: readonly number[],
): InferenceRequest {
  const output = outputOf(request.modalities);
  return {
    prompt,
    output,
    ...(request.negative_prompt !== undefined && { negativePrompt: request.negative_prompt }),
    ...(request.size !== undefined && { size: request.size }),
    ...keptSize(prompt, output),
    seeds,
    options: inferenceOptions(request),
  };
}

function outputOf(
  modalities: readonly z.output<typeof outputKind>[] | undefined,
): InferenceRequest['output'] {
  const [first = 'text', ...others] = new Set(modalities);
  return others.length > 0 ? 'document' : first;
}
