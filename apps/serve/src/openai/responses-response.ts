/** Response of `POST /v1/responses`, and the server-sent events from which a client can put it together. */
import { z } from 'zod';
import { errorResponse } from './api-error.js';

const outputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()).max(0),
});

const itemStatus = z.enum(['in_progress', 'completed', 'incomplete']);

const messageItem = z.object({
  type: z.literal('message'),
  id: z.string(),
  role: z.literal('assistant'),
  status: itemStatus,
  content: z.array(outputText),
});

const imageItem = z.object({
  type: z.literal('image_generation_call'),
  id: z.string(),
  status: z.enum(['in_progress', 'generating', 'completed']),
  result: z.string().nullable().describe('The file as base64.'),
});

/** Any other value, such as audio. */
const fileItem = z.object({
  type: z.literal('output_file'),
  id: z.string(),
  status: itemStatus,
  media_type: z.string(),
  result: z.string().nullable().describe('The file as base64.'),
});

const outputItem = z.union([messageItem, imageItem, fileItem]);

const usage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});

/** Body of the response. */
export const responsesResponse = z
  .object({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    status: z.enum(['in_progress', 'completed', 'incomplete']),
    model: z.string(),
    output: z.array(outputItem).describe('Texts and images in the order of generation.'),
    error: z.null(),
    incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
    instructions: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    parallel_tool_calls: z.boolean(),
    temperature: z.number(),
    top_p: z.number(),
    tool_choice: z.union([z.string(), z.object({ type: z.string() })]),
    tools: z.array(z.object({ type: z.literal('image_generation') }).loose()),
    usage: usage.nullable(),
  })
  .meta({ id: 'Response' });

/** Returns the schema of an event. */
function event<const Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ type: z.literal(`response.${type}`), sequence_number: z.int(), ...shape });
}

const at = { item_id: z.string(), output_index: z.int() };
const inContent = { ...at, content_index: z.int() };
const logprobs = z.array(z.unknown()).max(0);

/** One of the server-sent events of a streamed response. */
export const responsesEvent = z
  .discriminatedUnion('type', [
    event('created', { response: responsesResponse }),
    event('in_progress', { response: responsesResponse }),
    event('output_item.added', { output_index: z.int(), item: outputItem }),
    event('content_part.added', { ...inContent, part: outputText }),
    event('output_text.delta', { ...inContent, delta: z.string(), logprobs }),
    event('output_text.done', { ...inContent, text: z.string(), logprobs }),
    event('content_part.done', { ...inContent, part: outputText }),
    event('image_generation_call.in_progress', at),
    event('image_generation_call.generating', {
      ...at,
      step: z.int().describe('Denoising steps so far; one event for each.'),
      num_steps: z.int().describe('Denoising steps of the image.'),
    }),
    event('image_generation_call.partial_image', {
      ...at,
      partial_image_index: z.int().describe('From 0; those that a slow client misses are left out.'),
      partial_image_b64: z.string(),
    }),
    event('image_generation_call.completed', at),
    event('output_item.done', { output_index: z.int(), item: outputItem }),
    event('completed', { response: responsesResponse }),
    event('incomplete', { response: responsesResponse }),
    z.object({
      type: z.literal('error'),
      sequence_number: z.int(),
      ...errorResponse.shape.error.pick({ code: true, message: true, param: true }).shape,
      error: errorResponse.shape.error.describe("The same, as OpenAI's clients read it."),
    }),
  ])
  .meta({ id: 'ResponseStreamEvent' });

/** Body of the response. */
export type ResponsesResponse = z.infer<typeof responsesResponse>;

/** A server-sent event. */
export type ResponsesEvent = z.infer<typeof responsesEvent>;
