/** The Zod schema of a recipe. The text beside each type completes `expected …` in error messages. */
import { transformerPreset, transformerPresetNames, type TransformerPresetName } from '@transfusion/core';
import type { Evaluator } from '@transfusion/evaluators';
import type { ModalityRegistry, Segment } from '@transfusion/modality';
import { z } from 'zod';
import { recipeFields } from './recipe-fields.js';

const { section, count, countOrZero, positive, notNegative, fraction, flag, name, sources } = recipeFields;

const modalities = z.custom<ModalityRegistry>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Array.isArray((value as { modalities?: unknown }).modalities),
  'a registry from createModalityRegistry',
);

const transformerOptions = section({
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
    message: `a config, or one of ${transformerPresetNames.join(', ')}`,
  });
  return z.NEVER;
}, transformerOptions);

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
  firstSpan: section({
    modality: name,
    latentShape: z.array(count, 'a list of lengths').readonly().optional(),
  }).optional(),
  maxTokens: countOrZero.optional(),
});

const evaluator = section({
  every: count,
  // `runRecipe` checks that the model offers what it needs.
  evaluator: z.custom<Evaluator>((value) => typeof value === 'object' && value !== null, 'an evaluator'),
  limit: count.optional(),
  predictor: section({
    guidanceScale: notNegative.optional(),
    spanGuidanceScale: notNegative.optional(),
    numInferenceSteps: count.optional(),
    temperature: notNegative.optional(),
    maxTokens: count.optional(),
    numResamples: count.optional(),
    maxLength: count.optional(),
    stride: count.optional(),
  }).optional(),
});

/** All fields of a recipe; `defineRecipe` checks that they fit together. */
export const recipeSchema = section({
  kind: z.literal('transfusion', "'transfusion'").default('transfusion'),
  name,
  seed: countOrZero.default(0),
  modalities,
  transformer,
  spanAttention: z.enum(['bidirectional', 'causal'], "'bidirectional' or 'causal'").default('bidirectional'),
  init: section({ from: z.string('a folder').min(1, 'a folder'), otherCodecs: flag.optional() }).optional(),
  freeze: z
    .array(z.string('a path, such as trunk').min(1, 'a path, such as trunk'), 'a list of paths')
    .readonly()
    .default([]),
  lora: recipeFields.lora.optional(),
  sources,
  validation: sources.optional(),
  batch: section({
    numRows: count,
    rowLength: count,
    spanCapacity: z.record(z.string(), countOrZero, 'numbers of slots by group').optional(),
    microBatches: count.default(1),
  }),
  captionNoiseLimit: fraction.default(0.5),
  optimizer: recipeFields.optimizer.prefault({}),
  totalSteps: count,
  checkpoints: recipeFields.checkpoints.prefault({}),
  strict: flag.default(false),
  evaluation: section({ every: count, batches: count.default(4) }).optional(),
  samples: section({
    every: count,
    requests: z.array(sampleRequest, 'a list of requests').min(1, 'at least one request').readonly(),
    guidanceScale: notNegative.default(3),
    numInferenceSteps: count.default(250),
  }).optional(),
  evaluators: z
    .array(evaluator, 'a list of evaluators')
    .refine((evaluators) => new Set(evaluators.map((e) => e.evaluator.name)).size === evaluators.length, {
      message: 'each name of an evaluator once',
    })
    .readonly()
    .default([]),
});
