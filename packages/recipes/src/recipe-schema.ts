/**
 * What a recipe may hold, for zod. The text beside each type is what a message says was expected.
 */
import { transformerPreset, transformerPresetNames, type TransformerPresetName } from '@transfusion/core';
import type { ModalityRegistry, Segment } from '@transfusion/modality';
import { z } from 'zod';
import { nearestName } from './nearest-name.js';
import type { OpenSources } from './recipe.js';

const number = (expected: string) => z.number(expected);
const whole = (expected: string) => number(expected).int(expected);

const positive = number('a positive number').positive('a positive number');
const notNegative = number('a number of at least 0').min(0, 'a number of at least 0');
const count = whole('a positive whole number').positive('a positive whole number');
const countOrZero = whole('a whole number of at least 0').min(0, 'a whole number of at least 0');
const someShare = number('a number above 0, up to 1')
  .positive('a number above 0, up to 1')
  .max(1, 'a number above 0, up to 1');
const rate = number('a number from 0 to less than 1')
  .min(0, 'a number from 0 to less than 1')
  .lt(1, 'a number from 0 to less than 1');
const name = z.string('a name').min(1, 'a name');
const flag = z.boolean('true or false');

/** An object of these keys and no others. */
function section<const Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'an object';
      return (issue as z.core.$ZodIssueUnrecognizedKeys).keys.map((key) => suggestion(key, known)).join('; ');
    },
  });
}

/** What an unknown key is probably meant to be. */
export function suggestion(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === undefined ? `one of ${known.join(', ')}` : `did you mean ${nearest}?`;
}

const openSources = z.custom<OpenSources>(
  (value) => typeof value === 'function',
  'a function that returns a list of sources',
);

const modalities = z.custom<ModalityRegistry>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Array.isArray((value as { modalities?: unknown }).modalities),
  'what createModalityRegistry returns',
);

const transformerSizes = section({
  numLayers: count,
  modelDim: count,
  numHeads: count,
  numKvHeads: count.optional(),
  ffnDim: count.optional(),
  ropeTheta: positive.optional(),
  rmsNormEpsilon: positive.optional(),
  qkNorm: flag.optional(),
  weights: z.enum(['shared', 'per-modality'], "'shared' or 'per-modality'").optional(),
});

const transformer = z.preprocess((value, context) => {
  if (typeof value !== 'string') return value;
  if ((transformerPresetNames as readonly string[]).includes(value)) {
    return transformerPreset(value as TransformerPresetName);
  }
  context.issues.push({
    code: 'custom',
    input: value,
    message: `an object of sizes, or one of ${transformerPresetNames.join(', ')}`,
  });
  return z.NEVER;
}, transformerSizes);

const optimizer = section({
  learningRate: positive.default(3e-4),
  finalLearningRate: notNegative.optional(),
  warmupSteps: countOrZero.optional(),
  beta1: rate.default(0.9),
  beta2: rate.default(0.95),
  epsilon: positive.default(1e-8),
  weightDecay: notNegative.default(0.1),
  clipNorm: positive.default(1),
  emaDecay: rate.default(0.999),
});

const sampleRequest = section({
  prompt: z
    .array(
      z.custom<Segment>(
        (value) => typeof value === 'object' && value !== null && 'modality' in value && 'value' in value,
        'a segment { modality, value }',
      ),
      'a list of segments',
    )
    .readonly(),
  begin: section({
    modality: name,
    latentShape: z.array(count, 'a list of lengths').readonly().optional(),
  }).optional(),
  maxTokens: countOrZero.optional(),
});

/** The whole; what depends on several fields is settled in `defineRecipe`. */
export const recipeSchema = section({
  name,
  seed: countOrZero.default(0),
  modalities,
  transformer,
  spanAttention: z.enum(['bidirectional', 'causal'], "'bidirectional' or 'causal'").default('bidirectional'),
  sources: openSources,
  heldOut: openSources.optional(),
  batch: section({
    numRows: count,
    rowLength: count,
    spanCapacity: z.record(z.string(), countOrZero, 'numbers by group').optional(),
    microBatches: count.default(1),
  }),
  captionNoiseLimit: someShare.default(0.5),
  optimizer: optimizer.prefault({}),
  totalSteps: count,
  checkpoints: section({ every: count.default(500), keep: count.default(3) }).prefault({}),
  strict: flag.default(false),
  evaluation: section({ every: count, batches: count.default(4) }).optional(),
  samples: section({
    every: count,
    requests: z.array(sampleRequest, 'a list of requests').min(1, 'one request or more').readonly(),
    guidanceScale: notNegative.default(3),
    numInferenceSteps: count.default(250),
  }).optional(),
});
