/** Request of `POST /v1/responses`. */
import { z } from 'zod';
import type { InferenceRequest, PromptPart } from '../inference/model-host.js';
import { bounded, boundedMessages, MAX_PARTS } from './bounded.js';
import {
  autoSizeField,
  denoisingFields,
  imageGuidanceField,
  inferenceOptions,
  modelField,
  optional,
  samplingFields,
  textFields,
  withoutEffect,
} from './generation-fields.js';
import { outputFormat } from './image-request.js';

const inputText = z.strictObject({ type: z.enum(['input_text', 'output_text']), text: z.string() });

const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z
    .string()
    .describe('Data URI of a PNG, JPEG, WebP or GIF file, such as data:image/png;base64,... No links.'),
  detail: withoutEffect(z.enum(['auto', 'low', 'high'])),
});

/** A message of the conversation; those of the server's replies can be sent back. */
const messageItem = z.object({
  type: optional(z.literal('message')),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z
    .union([z.string(), z.array(z.discriminatedUnion('type', [inputText.loose(), inputImage]))])
    .describe('A text, or a list of parts.'),
});

/** An image of an earlier reply. */
const imageItem = z.object({
  type: z.literal('image_generation_call'),
  result: z.string().describe('The file as base64.'),
});

/** The tool that lets a reply have images. */
const imageTool = z.strictObject({
  type: z.literal('image_generation'),
  action: withoutEffect(z.enum(['auto', 'generate', 'edit'])),
  size: autoSizeField,
  partial_images: optional(z.int().min(0).max(50)).describe(
    'Number of previews of each image while it is denoised, 0 (the default) to 50; only with `stream`.',
  ),
  input_image_mask: optional(z.strictObject({ image_url: z.string() })).describe(
    'Data URI of a PNG file of the size of the last image of the input, whose transparent pixels are generated.',
  ),
  output_format: optional(outputFormat).describe("File format of images; defaults to 'png'."),
  output_compression: optional(z.int().min(0).max(100)).describe(
    'Quality of WebP and JPEG files, 0 to 100 (the default); no effect on PNG.',
  ),
  background: withoutEffect(z.enum(['opaque', 'auto'])),
  quality: withoutEffect(z.enum(['low', 'medium', 'high', 'auto'])),
  moderation: withoutEffect(z.enum(['low', 'auto'])),
  input_fidelity: withoutEffect(z.enum(['high', 'low'])),
  model: withoutEffect(z.string()),
});

const toolChoice = optional(
  z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ type: z.literal('image_generation') })]),
).describe(
  "With the tool: 'auto' (the default) for a document, in which the model decides what comes when; 'required', or the " +
    "tool, for one image; 'none' for a text.",
);

/** Body of the request. */
export const responsesRequest = z
  .strictObject({
    model: modelField,
    input: boundedMessages(z.union([z.string(), z.array(z.union([messageItem, imageItem])).min(1)])).describe(
      'The prompt: a text, or messages and images in order. No chat template is applied, and roles have no effect; texts ' +
        `of adjacent messages are joined by a newline. Up to ${MAX_PARTS} items and parts.`,
    ),
    instructions: optional(z.string()).describe('A text before the input.'),
    tools: optional(z.array(imageTool).max(1)).describe(
      'With the tool `image_generation` a reply may have images; without it, it is a text.',
    ),
    tool_choice: toolChoice,
    max_output_tokens: optional(z.int().min(1)).describe('Maximum number of tokens to generate.'),
    min_tokens: textFields.min_tokens,
    stop: textFields.stop,
    logit_bias: textFields.logit_bias,
    max_images: textFields.max_images,
    ...samplingFields,
    ...denoisingFields,
    image_guidance_scale: imageGuidanceField,
    stream: optional(z.boolean()).describe('Sends the reply as server-sent events while it is generated.'),
    metadata: withoutEffect(bounded(16, z.record(z.string().max(64), z.string().max(512)))),
    store: withoutEffect(z.boolean()),
    include: withoutEffect(z.array(z.string()).max(20)),
    parallel_tool_calls: withoutEffect(z.boolean()),
    truncation: withoutEffect(z.enum(['auto', 'disabled'])),
    service_tier: withoutEffect(z.enum(['auto', 'default', 'flex', 'scale', 'priority'])),
    text: withoutEffect(z.strictObject({ format: optional(z.strictObject({ type: z.literal('text') })) })),
    user: withoutEffect(z.string()),
    safety_identifier: withoutEffect(z.string()),
    background: withoutEffect(z.literal(false, 'expected false: the server stores no responses')),
    previous_response_id: withoutEffect(
      z.null('expected null: the server stores no responses. Send the whole conversation as `input`'),
    ),
  })
  .refine((request) => request.tools?.[0]?.size === undefined || outputOf(request) === 'image', {
    path: ['tools', 0, 'size'],
    error: "expected none, or tool_choice 'required': among texts the model chooses the sizes of images",
  })
  .refine((request) => request.tools?.[0]?.input_image_mask === undefined || outputOf(request) === 'image', {
    path: ['tools', 0, 'input_image_mask'],
    error: "expected none, or tool_choice 'required': a mask belongs to one image",
  })
  .meta({
    id: 'ResponsesRequest',
    examples: [{ input: 'red apple, noto', tools: [{ type: 'image_generation' }], seed: 1 }],
  });

/** The parsed tool. */
export type ImageTool = z.output<typeof imageTool>;

/** Parsed body of the request. */
export type ResponsesRequest = z.output<typeof responsesRequest>;

/** Returns what to generate for a request with this prompt. */
export function responsesInferenceRequest(
  request: ResponsesRequest,
  prompt: readonly PromptPart[],
  mask: Uint8Array | undefined,
  seeds: readonly number[],
): InferenceRequest {
  const { tools: [tool] = [], stream, negative_prompt } = request;
  const output = outputOf(request);
  const last = prompt.findLastIndex(({ type }) => type === 'file');
  const keepsSize = output === 'image' && mask === undefined && last >= 0;
  return {
    prompt,
    output,
    ...(negative_prompt !== undefined && { negativePrompt: negative_prompt }),
    ...(tool?.size !== undefined && { size: tool.size }),
    ...(mask !== undefined && { mask }),
    ...(keepsSize && { keepsSizeOf: last }),
    ...(stream && { numPreviews: tool?.partial_images ?? 0 }),
    seeds,
    options: inferenceOptions({ ...request, max_tokens: request.max_output_tokens }),
  };
}

/** Returns what a reply is: a text, an image, or a document of both. */
export function outputOf({
  tools,
  tool_choice: choice,
}: {
  readonly tools?: readonly unknown[];
  readonly tool_choice?: z.output<typeof toolChoice>;
}): InferenceRequest['output'] {
  if (tools === undefined || tools.length === 0 || choice === 'none') return 'text';
  return choice === undefined || choice === 'auto' ? 'document' : 'image';
}
