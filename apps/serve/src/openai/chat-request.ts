/** Request of `POST /v1/chat/completions`. */
import { z } from 'zod';
import type { InferenceRequest, PromptPart } from '../inference/model-host.js';
import {
  countField,
  denoisingFields,
  imageGuidanceField,
  inferenceOptions,
  modelField,
  optional,
  samplingFields,
  sizeField,
  withoutEffect,
} from './generation-fields.js';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({
    url: z
      .string()
      .describe('Data URI of a PNG, JPEG, WebP or GIF file, such as data:image/png;base64,... No links.'),
    detail: withoutEffect(z.enum(['auto', 'low', 'high'])),
  }),
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
  name: withoutEffect(z.string()),
  refusal: withoutEffect(z.string()),
});

/** Body of the request. */
export const chatRequest = z
  .strictObject({
    model: modelField,
    messages: z
      .array(message)
      .min(1)
      .describe(
        'The prompt: the parts of all messages in order. No chat template is applied, and roles have no effect; texts of ' +
          'adjacent messages are joined by a newline.',
      ),
    modalities: optional(z.array(z.enum(['text', 'image', 'audio'])).min(1)).describe(
      "What to generate: ['text'] (the default), ['image'] or ['audio'] for one of it; several for a document, in which " +
        'the model decides what comes when.',
    ),
    n: countField,
    ...samplingFields,
    ...denoisingFields,
    image_guidance_scale: imageGuidanceField,
    size: sizeField,
    stream: optional(z.boolean()).describe('Sends the output as server-sent events while it is generated.'),
    stream_options: optional(
      z.strictObject({
        include_usage: optional(z.boolean()).describe('Adds a last chunk with the usage.'),
        include_obfuscation: withoutEffect(z.boolean()),
      }),
    ).describe('Options of a stream.'),
    content_format: optional(z.enum(['string', 'parts'])).describe(
      "Form of a reply: 'string' (the default) has the text in `message.content` and images in `message.images`; 'parts' " +
        'has both in `message.content`, as a list in the order of generation.',
    ),
    user: withoutEffect(z.string()),
    safety_identifier: withoutEffect(z.string()),
    metadata: withoutEffect(z.record(z.string(), z.string())),
    store: withoutEffect(z.boolean()),
    service_tier: withoutEffect(z.enum(['auto', 'default', 'flex', 'scale', 'priority'])),
    frequency_penalty: withoutEffect(z.literal(0, 'expected 0: use repetition_penalty')),
    presence_penalty: withoutEffect(z.literal(0, 'expected 0: use repetition_penalty')),
    logprobs: withoutEffect(z.literal(false)),
    response_format: withoutEffect(z.strictObject({ type: z.literal('text') })),
    audio: withoutEffect(z.strictObject({ voice: z.unknown().optional(), format: z.string().optional() })),
  })
  .meta({ id: 'ChatCompletionRequest' });

/** Parsed body of the request. */
export type ChatRequest = z.output<typeof chatRequest>;

/** Returns what to generate for a request with this prompt. */
export function chatInferenceRequest(
  request: ChatRequest,
  prompt: readonly PromptPart[],
  seed: number,
): InferenceRequest {
  return {
    prompt,
    output: outputOf(request.modalities),
    ...(request.negative_prompt !== undefined && { negativePrompt: request.negative_prompt }),
    ...(request.size !== undefined && { size: request.size }),
    options: inferenceOptions({ ...request, seed }),
  };
}

function outputOf(modalities: ChatRequest['modalities']): InferenceRequest['output'] {
  const [first = 'text', ...others] = new Set(modalities);
  return others.length > 0 ? 'document' : first;
}
