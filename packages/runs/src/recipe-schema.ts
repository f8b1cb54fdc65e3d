/**
 * What a recipe may hold, for zod. The text beside each type is what a message says was expected.
 */
import { transformerPreset, transformerPresetNames, type TransformerPresetName } from '@transfusion/core';
import type { ModalityRegistry, Segment } from '@transfusion/modality';
import { z } from 'zod';
import {
  count,
  countOrZero,
  flag,
  name,
  notNegative,
  openSources,
  optimizer,
  positive,
  section,
  someShare,
} from './schema-fields.js';

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
  kind: z.literal('transfusion', "'transfusion'").default('transfusion'),
  name,
  seed: countOrZero.default(0),
  modalities,
  transformer,
  spanAttention: z.enum(['bidirectional', 'causal'], "'bidirectional' or 'causal'").default('bidirectional'),
  sources: openSources,
  validation: openSources.optional(),
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
