/**
 * Fields that several endpoints have, with their meaning: OpenAI's own, and those of diffusion models, which OpenAI's
 * clients send through `extra_body`. `null` is the same as no field, as in OpenAI's API.
 */
import { z } from 'zod';
import type { InferenceOptions } from '../inference/model-host.js';
import { bounded } from './bounded.js';

/** A field that may be missing or null, and is then undefined. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A field that OpenAI's clients send, and that changes nothing here. */
export function withoutEffect<Schema extends z.ZodType>(schema: Schema) {
  return optional(schema).describe('Accepted for compatibility; has no effect.');
}

/** A field that OpenAI's clients may send, but that says nothing. */
export function onlyNull(reason: string) {
  return withoutEffect(z.null(`expected null: ${reason}`));
}

// Transformed outside of unions: their JSON Schema would lack alternatives that are transformed.
const sizeOf = (text: string | undefined): readonly [width: number, height: number] | undefined => {
  if (text === undefined || text === 'auto') return undefined;
  const [width, height] = text.split('x').map(Number);
  return [width, height];
};

/** Name of the model; optional where the server has only one. */
export const modelField = optional(z.string().min(1)).describe(
  'Name of the model, as listed by GET /v1/models. May be left out if the server has one model.',
);

/** Number of outputs. */
export const countField = optional(z.int().min(1).max(10)).describe(
  'Number of outputs, 1 to 10; output i is generated with seed + i. Each counts as a request of the queue.',
);

/** Seed of the first output. */
export const seedField = optional(
  z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
).describe(
  'Random seed. The same seed, request and model give the same output. Without one, a random seed is chosen; the ' +
    'response names it in the header `x-transfusion-seed`.',
);

/** Width and height of images. */
export const sizeField = optional(
  z.string().regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'expected WIDTHxHEIGHT in pixels, such as 64x64'),
)
  .transform(sizeOf)
  .describe(
    'Size of generated images as WIDTHxHEIGHT; must be a size that the model generates. By default the model chooses.',
  );

/** Width and height of images, or 'auto'. */
export const autoSizeField = optional(
  z
    .string()
    .regex(/^(auto|[1-9]\d{0,4}x[1-9]\d{0,4})$/, "expected WIDTHxHEIGHT in pixels, such as 64x64, or 'auto'"),
)
  .transform(sizeOf)
  .describe(
    "Size as WIDTHxHEIGHT; must be a size that the model generates. 'auto', the default: the model chooses, or keeps the " +
      'size of an edited image.',
  );

const timestep = z.number().min(0).max(10_000);

/** Fields of denoising. */
export const denoisingFields = {
  seed: seedField,
  num_inference_steps: optional(z.int().min(1).max(1000)).describe('Number of denoising steps.'),
  guidance_scale: optional(z.number().min(0).max(100)).describe(
    'Scale of classifier-free guidance; 1 is no guidance.',
  ),
  guidance_interval: optional(z.tuple([timestep, timestep])).describe(
    'Timesteps [from, to] at which guidance applies, such as [200, 800] of 0 to 1000; by default all.',
  ),
  negative_prompt: optional(z.string()).describe('Text that guidance leads away from.'),
  scheduler: optional(z.string().min(1).max(64)).describe('Name of the noise scheduler.'),
};

/** Guidance scale of images in the prompt. */
export const imageGuidanceField = optional(z.number().min(0).max(100)).describe(
  'Scale of guidance by the images in the prompt.',
);

/** Fields of sampling tokens of any modality: text, or images and sounds that are tokens. */
export const samplingFields = {
  temperature: optional(z.number().min(0).max(2)).describe(
    'Sampling temperature of tokens; 0 takes the likeliest token.',
  ),
  top_p: optional(z.number().gt(0).max(1)).describe(
    'Probability mass of the likeliest tokens to sample from.',
  ),
  top_k: optional(z.int().min(1)).describe('Number of the likeliest tokens to sample from.'),
  min_p: optional(z.number().min(0).max(1)).describe(
    "Minimum probability of a token, as a fraction of the likeliest token's.",
  ),
  repetition_penalty: optional(z.number().gt(0).max(10)).describe(
    'Divisor of the logits of tokens that occurred before; 1 is no penalty.',
  ),
};

/** Maximum number of tokens with a bias: more than clients write by hand, few enough to be validated at once. */
const MAX_BIASES = 1024;

/** Fields of the length and the tokens of texts, and of documents. */
export const textFields = {
  max_tokens: optional(z.int().min(1)).describe('Maximum number of tokens to generate.'),
  max_completion_tokens: optional(z.int().min(1)).describe(
    'Maximum number of tokens to generate; precedes `max_tokens`.',
  ),
  min_tokens: optional(z.int().min(0)).describe('Number of tokens before which the output does not end.'),
  stop: optional(z.union([z.string().min(1), z.array(z.string().min(1)).max(4)])).describe(
    'Up to 4 texts that end the output, and are not part of it.',
  ),
  logit_bias: optional(
    bounded(
      MAX_BIASES,
      z.record(z.string().regex(/^\d{1,9}$/, 'expected token ids as keys'), z.number().min(-100).max(100)),
    ),
  ).describe(`Numbers that are added to the logits of up to ${MAX_BIASES} text tokens, by token id.`),
  max_images: optional(z.int().min(0)).describe('Maximum number of images in a document; defaults to 1.'),
};

type Fields = typeof denoisingFields &
  typeof samplingFields &
  typeof textFields & { readonly image_guidance_scale: typeof imageGuidanceField };

/** Values of the fields of {@link inferenceOptions}; an endpoint has some of them. */
export type GenerationFields = { readonly [Name in keyof Fields]?: z.output<Fields[Name]> };

/** Returns the options of generation that a request's fields stand for, without those that are not set. */
export function inferenceOptions(fields: GenerationFields): InferenceOptions {
  const all: InferenceOptions = {
    minTokens: fields.min_tokens,
    maxTokens: fields.max_completion_tokens ?? fields.max_tokens,
    stop: typeof fields.stop === 'string' ? [fields.stop] : fields.stop,
    temperature: fields.temperature,
    topK: fields.top_k,
    topP: fields.top_p,
    minP: fields.min_p,
    repetitionPenalty: fields.repetition_penalty,
    logitBias:
      fields.logit_bias && Object.entries(fields.logit_bias).map(([id, bias]) => ({ id: Number(id), bias })),
    numInferenceSteps: fields.num_inference_steps,
    guidanceScale: fields.guidance_scale,
    spanGuidanceScale: fields.image_guidance_scale,
    guidanceInterval: fields.guidance_interval,
    scheduler: fields.scheduler,
    maxSpans: fields.max_images,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
