import {
  batchShape,
  createTransfusion,
  spanGroupKinds,
  transformerConfig,
  type TransformerConfig,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import {
  formatShape,
  sameShape,
  type ContinuousModality,
  type DiscreteModality,
  type ModalityRegistry,
} from '@transfusion/modality';
import type { z } from 'zod';
import type { Recipe, RecipeOptions, SampleRequest } from './recipe.js';
import { parseRecipe, recipeTitle, show } from './parse-recipe.js';
import { recipeSchema } from './recipe-schema.js';
import { suggestion } from './recipe-fields.js';

type Parsed = z.output<typeof recipeSchema>;

/**
 * Checks the configuration of a run and fills in its defaults.
 *
 * @throws TransfusionError `invalid-argument`, naming each wrong field, what was found and what was expected
 */
export function defineRecipe(options: RecipeOptions): Recipe {
  const parsed = parseRecipe(recipeSchema, options, (fields) => [
    ...batchMistakes(fields),
    ...sampleMistakes(fields),
  ]);
  const { modalities, batch } = parsed;
  const transformer = completeTransformer(recipeTitle(options), parsed.transformer);
  const model = createTransfusion({ transformer, modalities });
  return { ...parsed, transformer, batch: { ...batch, ...batchShape(model, batch) } };
}

function completeTransformer(where: string, options: Parsed['transformer']): TransformerConfig {
  try {
    // Options must be absent, not undefined, to get their defaults.
    const present = Object.entries(options).filter(([, value]) => value !== undefined);
    return transformerConfig(
      Object.fromEntries(present) as Parsed['transformer'] & Partial<TransformerConfig>,
    );
  } catch (cause) {
    if (!TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError('invalid-argument', `${where}: ${cause.message}`, { cause });
  }
}

function batchMistakes({ batch, modalities }: Parsed): string[] {
  const kinds = spanGroupKinds(modalities);
  const keys = kinds.map(({ key }) => key);
  const unknown = Object.keys(batch.spanCapacity ?? {}).filter((key) => !keys.includes(key));
  const tooLong = kinds.filter(({ spanLength }) => spanLength + 4 > batch.rowLength);
  return [
    ...unknown.map((key) => `batch.spanCapacity.${key} belongs to no modality (${suggestion(key, keys)})`),
    ...tooLong.map(
      ({ key, spanLength }) =>
        `batch.rowLength is ${batch.rowLength}, expected ${spanLength + 4} or more: ${key} takes ${spanLength} positions and 4 markers`,
    ),
  ];
}

function sampleMistakes({ samples, modalities }: Parsed): string[] {
  if (samples === undefined) return [];
  const wrongRequests = samples.requests.flatMap((request, i) =>
    requestMistakes(request, modalities).map((mistake) => `samples.requests[${i}].${mistake}`),
  );
  // A request that begins with a span generates no other.
  const generated = modalities.continuous.filter(({ name }) =>
    samples.requests.some(({ firstSpan }) => firstSpan === undefined || firstSpan.modality === name),
  );
  return [
    ...wrongRequests,
    ...generated.flatMap((modality) => inferenceStepsMistake(modality, samples.numInferenceSteps)),
  ];
}

function inferenceStepsMistake({ name, diffusion }: ContinuousModality, numInferenceSteps: number): string[] {
  try {
    diffusion.timesteps(numInferenceSteps);
    return [];
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    const reason = error.message.replace(/\.$/, '');
    return [
      `samples.numInferenceSteps is ${numInferenceSteps}, expected as many as '${name}' takes (${reason})`,
    ];
  }
}

function requestMistakes(
  { prompt, firstSpan }: SampleRequest,
  { modalities, continuous }: ModalityRegistry,
): string[] {
  const names = modalities.map(({ name }) => name);
  const wrongSegments = prompt.flatMap(({ modality: name, value }, i) => {
    const modality = modalities.find((known) => known.name === name) as
      DiscreteModality | ContinuousModality | undefined;
    if (modality === undefined)
      return [`prompt[${i}].modality is ${show(name)}, expected one of ${names.join(', ')}`];
    return modality.accepts(value) ? [] : [`prompt[${i}].value is ${show(value)}, not a value of '${name}'`];
  });
  return firstSpan === undefined
    ? wrongSegments
    : [...wrongSegments, ...firstSpanMistakes(firstSpan, continuous)];
}

function firstSpanMistakes(
  { modality: name, latentShape }: NonNullable<SampleRequest['firstSpan']>,
  continuous: readonly ContinuousModality[],
): string[] {
  const modality = continuous.find((known) => known.name === name);
  if (modality === undefined) {
    const names = continuous.map((known) => known.name);
    const expected = names.length === 0 ? 'none, for no modality has spans' : `one of ${names.join(', ')}`;
    return [`firstSpan.modality is ${show(name)}, expected ${expected}`];
  }
  const { latentShapes } = modality;
  if (latentShape === undefined || latentShapes.some((known) => sameShape(known, latentShape))) return [];
  return [
    `firstSpan.latentShape is ${formatShape(latentShape)}, expected one of ${latentShapes.map(formatShape).join(', ')}`,
  ];
}
