/** Request of `POST /v1/responses`. */
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
  autoSizeField,
  denoisingFields,
  imageGuidanceField,
  inferenceOptions,
  modelField,
  onlyNull,
  optional,
  samplingFields,
  textFields,
  withoutEffect,
} from './generation-fields.js';
import { imageUriField, inputFidelityField, inputImageFields, outputImageFields } from './image-fields.js';
import { keptSize } from './kept-size.js';

const inputText = z.strictObject({ type: z.enum(['input_text', 'output_text']), text: z.string() });

const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: imageUriField,
  file_id: onlyNull('the server stores no files'),
  ...inputImageFields,
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
    'Number of previews of each image while it is denoised, 0 (the default) to 50: one for each step of a usual ' +
      'generation, to watch it. Only with `stream`; a client that reads slowly gets fewer.',
  ),
  input_image_mask: optional(z.strictObject({ image_url: z.string() })).describe(
    'Data URI of a PNG file of the size of the last image of the input, whose transparent pixels are generated.',
  ),
  ...outputImageFields,
  input_fidelity: inputFidelityField,
  model: withoutEffect(z.string()),
});

const toolChoice = optional(
  z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ type: z.literal('image_generation') })]),
).describe(
  "With the tool: 'auto' (the default) for a document, in which the model decides what comes when, with up to " +
    "`max_images` images; 'required', or the tool, for one image; 'none' for a text.",
);

/** Body of the request. */
export const responsesRequest = z
  .strictObject({
    model: modelField,
    input: boundedMessages(z.union([z.string(), z.array(z.union([messageItem, imageItem])).min(1)])).describe(
      'The prompt: a text, or messages and images in order; for one image, the images of the input come first. No chat ' +
        'template is applied, and roles have no effect; texts of adjacent messages are joined by a newline. Up to ' +
        `${MAX_PARTS} items and parts.`,
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
    stream_options: withoutEffect(z.strictObject({ include_obfuscation: obfuscationField })),
    metadata: optional(metadata).describe('Returned with the response; has no other effect.'),
    ...compatibilityFields,
    // OpenAI has fewer kinds; each is an entry to validate.
    include: withoutEffect(z.array(z.string()).max(20)),
    truncation: withoutEffect(z.enum(['auto', 'disabled'])),
    text: withoutEffect(
      z.strictObject({
        format: withoutEffect(z.strictObject({ type: z.literal('text') })),
        verbosity: verbosityField,
      }),
    ),
    reasoning: withoutEffect(
      z.strictObject({
        effort: reasoningEffortField,
        summary: withoutEffect(z.enum(['auto', 'concise', 'detailed'])),
      }),
    ),
    background: withoutEffect(z.literal(false, 'expected false: the server stores no responses')),
    previous_response_id: onlyNull('the server stores no responses. Send the whole conversation as `input`'),
    conversation: onlyNull('the server stores no conversations. Send the whole conversation as `input`'),
    prompt: onlyNull('the server stores no prompts. Send the text as `input`'),
    context_management: onlyNull('the server shortens no conversations'),
  })
  .refine((request) => request.tools?.[0]?.size === undefined || responsesOutput(request) === 'image', {
    path: ['tools', 0, 'size'],
    error: "expected none, or tool_choice 'required': among texts the model chooses the sizes of images",
  })
  .refine(
    (request) => request.tools?.[0]?.input_image_mask === undefined || responsesOutput(request) === 'image',
    {
      path: ['tools', 0, 'input_image_mask'],
      error: "expected none, or tool_choice 'required': a mask belongs to one image",
    },
  )
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
  const output = responsesOutput(request);
  return {
    prompt,
    output,
    ...(negative_prompt !== undefined && { negativePrompt: negative_prompt }),
    ...(tool?.size !== undefined && { size: tool.size }),
    ...(mask === undefined ? keptSize(prompt, output) : { mask }),
    ...(stream && { numPreviews: tool?.partial_images ?? 0 }),
    seeds,
    options: inferenceOptions({ ...request, max_tokens: request.max_output_tokens }),
  };
}

/** Returns what a reply is: a text, an image, or a document of both. */
export function responsesOutput({
  tools,
  tool_choice: choice,
}: {
  readonly tools?: readonly unknown[];
  readonly tool_choice?: z.output<typeof toolChoice>;
}): InferenceRequest['output'] {
  if (tools === undefined || tools.length === 0 || choice === 'none') return 'text';
  return choice === undefined || choice === 'auto' ? 'document' : 'image';
}
