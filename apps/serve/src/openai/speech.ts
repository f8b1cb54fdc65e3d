/** Request and events of `POST /v1/audio/speech`. */
import { z } from 'zod';
import type { InferenceEvent, InferenceRequest } from '../inference/model-host.js';
import { encodeBase64 } from './data-uri.js';
import {
  denoisingFields,
  inferenceOptions,
  modelField,
  optional,
  samplingFields,
  withoutEffect,
} from './generation-fields.js';
import { mediaUsage, toMediaUsage } from './usage.js';

/** Body of the request. */
export const speechRequest = z
  .strictObject({
    model: modelField,
    input: z.string().min(1).describe('Text of the speech.'),
    voice: withoutEffect(z.union([z.string(), z.strictObject({ id: z.string() })])),
    instructions: withoutEffect(z.string()),
    response_format: withoutEffect(z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'])).describe(
      'Accepted for compatibility; has no effect. The file has the format that the model writes, which Content-Type names.',
    ),
    speed: withoutEffect(z.literal(1, 'expected 1: speech has one speed')),
    stream_format: optional(z.enum(['audio', 'sse'])).describe(
      "'audio' (the default) answers with the file, 'sse' with events that hold it as base64.",
    ),
    ...denoisingFields,
    ...samplingFields,
  })
  .meta({ id: 'SpeechRequest', examples: [{ input: 'Hello.', seed: 1 }] });

/** Parsed body of the request. */
export type SpeechRequest = z.output<typeof speechRequest>;

/** One of the server-sent events of a streamed response. */
export const speechEvent = z
  .union([
    z.object({ type: z.literal('speech.audio.delta'), audio: z.string() }),
    z.object({ type: z.literal('speech.audio.done'), usage: mediaUsage }),
  ])
  .meta({ id: 'SpeechStreamEvent' });

/** Returns what to generate for a request. */
export function speechInferenceRequest(request: SpeechRequest, seeds: readonly number[]): InferenceRequest {
  const { input, negative_prompt } = request;
  return {
    prompt: [{ type: 'text', text: input }],
    output: 'audio',
    ...(negative_prompt !== undefined && { negativePrompt: negative_prompt }),
    seeds,
    options: inferenceOptions(request),
  };
}

/** Returns the server-sent event for an event of the model, or undefined if the client does not hear of it. */
export function speechStreamEvent(event: InferenceEvent): z.infer<typeof speechEvent> | undefined {
  switch (event.type) {
    case 'file':
      return { type: 'speech.audio.delta', audio: encodeBase64(event.bytes) };
    case 'end':
      return { type: 'speech.audio.done', usage: toMediaUsage(event.usage) };
    default:
      return undefined;
  }
}
