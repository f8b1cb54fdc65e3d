/** Numbers of elements as OpenAI's two families of endpoints report them. A span's positions count as image tokens. */
import { z } from 'zod';
import type { InferenceUsage } from '../inference/model-host.js';

const details = z.object({ text_tokens: z.int(), image_tokens: z.int() });

/** Usage in chat's responses. */
export const chatUsage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: details,
  completion_tokens_details: details,
});

/** Usage in responses about images and speech. */
export const mediaUsage = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
  input_tokens_details: details,
  output_tokens_details: details,
});

/** Adds up the outputs of one request: they share the prompt, which counts once. */
export function totalUsage(outputs: readonly InferenceUsage[]): InferenceUsage {
  return {
    promptTokens: outputs[0]?.promptTokens ?? 0,
    promptSpanPositions: outputs[0]?.promptSpanPositions ?? 0,
    generatedTokens: outputs.reduce((sum, output) => sum + output.generatedTokens, 0),
    generatedSpanPositions: outputs.reduce((sum, output) => sum + output.generatedSpanPositions, 0),
  };
}

/** Returns usage as chat reports it. */
export function toChatUsage(usage: InferenceUsage): z.infer<typeof chatUsage> {
  const { input_tokens, output_tokens, total_tokens, input_tokens_details, output_tokens_details } =
    toMediaUsage(usage);
  return {
    prompt_tokens: input_tokens,
    completion_tokens: output_tokens,
    total_tokens,
    prompt_tokens_details: input_tokens_details,
    completion_tokens_details: output_tokens_details,
  };
}

/** Returns usage as the endpoints of images and speech report it. */
export function toMediaUsage(usage: InferenceUsage): z.infer<typeof mediaUsage> {
  const input = usage.promptTokens + usage.promptSpanPositions;
  const output = usage.generatedTokens + usage.generatedSpanPositions;
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: usage.promptTokens, image_tokens: usage.promptSpanPositions },
    output_tokens_details: {
      text_tokens: usage.generatedTokens,
      image_tokens: usage.generatedSpanPositions,
    },
  };
}
