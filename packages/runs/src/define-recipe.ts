import {
  batchShape,
  createTransfusion,
  NUM_DOCUMENT_MARKERS,
  NUM_SPAN_MARKERS,
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

type RecipeFields = z.output<typeof recipeSchema>;

/**
 * Checks the configuration of a run and fills in its defaults.
 *
 * @throws TransfusionError `invalid-argument`, naming each invalid field, what was found and what was expected
 */
export function defineRecipe(options: RecipeOptions): Recipe {
  const parsed = parseRecipe(recipeSchema, options, (fields) => [
    ...findBatchIssues(fields),
    ...findSampleIssues(fields),
  ]);
  const { modalities, batch } = parsed;
  const transformer = completeTransformer(recipeTitle(options), parsed.transformer);
  // The default span capacity depends on what the model's adapters cost.
  const model = createTransfusion({ transformer, modalities });
  return { ...parsed, transformer, batch: { ...batch, ...batchShape(model, batch) } };
}

function completeTransformer(title: string, options: RecipeFields['transformer']): TransformerConfig {
  try {
    // `transformerConfig` applies defaults to missing keys only, so drop the undefined ones.
    const defined = Object.entries(options).filter(([, value]) => value !== undefined);
    return transformerConfig(
      Object.fromEntries(defined) as RecipeFields['transformer'] & Partial<TransformerConfig>,
    );
  } catch (cause) {
    if (!TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError('invalid-argument', `${title}: ${cause.message}`, { cause });
  }
}

/** Markers in the shortest document with a span. */
const NUM_MARKERS = NUM_DOCUMENT_MARKERS + NUM_SPAN_MARKERS;

function findBatchIssues({ batch, modalities }: RecipeFields): string[] {
  const kinds = spanGroupKinds(modalities);
  const keys = kinds.map(({ key }) => key);
  const unknown = Object.keys(batch.spanCapacity ?? {}).filter((key) => !keys.includes(key));
  const tooLong = kinds.filter(({ spanLength }) => spanLength + NUM_MARKERS > batch.rowLength);
  return [
    ...unknown.map((key) => `batch.spanCapacity.${key} is not a span group (${suggestion(key, keys)})`),
    ...tooLong.map(
      ({ key, spanLength }) =>
        `batch.rowLength is ${batch.rowLength}, expected at least ${spanLength + NUM_MARKERS}: ` +
        `${key} takes ${spanLength} positions and ${NUM_MARKERS} markers`,
    ),
  ];
}

function findSampleIssues({ samples, modalities }: RecipeFields): string[] {
  if (samples === undefined) return [];
  const requestIssues = samples.requests.flatMap((request, i) =>
    findRequestIssues(request, modalities).map((issue) => `samples.requests[${i}].${issue}`),
  );
  // `maxSpans` is 1, so a request with `firstSpan` generates that span only.
  const generated = modalities.continuous.filter(({ name }) =>
    samples.requests.some(({ firstSpan }) => firstSpan === undefined || firstSpan.modality === name),
  );
  return [
    ...requestIssues,
    ...generated.flatMap((modality) => findInferenceStepsIssue(modality, samples.numInferenceSteps)),
  ];
}

function findInferenceStepsIssue(
  { name, diffusion }: ContinuousModality,
  numInferenceSteps: number,
): string[] {
  try {
    diffusion.timesteps(numInferenceSteps);
    return [];
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    const reason = error.message.replace(/\.$/, '');
    return [
      `samples.numInferenceSteps is ${numInferenceSteps}, which the scheduler of '${name}' does not support (${reason})`,
    ];
  }
}

function findRequestIssues(
  { prompt, firstSpan }: SampleRequest,
  { modalities, continuous }: ModalityRegistry,
): string[] {
  const names = modalities.map(({ name }) => name);
  const segmentIssues = prompt.flatMap(({ modality: name, value }, i) => {
    const modality = modalities.find((known) => known.name === name) as
      DiscreteModality | ContinuousModality | undefined;
    if (modality === undefined)
      return [`prompt[${i}].modality is ${show(name)}, expected one of ${names.join(', ')}`];
    return modality.accepts(value)
      ? []
      : [`prompt[${i}].value is ${show(value)}, expected a value of '${name}'`];
  });
  return firstSpan === undefined
    ? segmentIssues
    : [...segmentIssues, ...findFirstSpanIssues(firstSpan, continuous)];
}

function findFirstSpanIssues(
  { modality: name, latentShape }: NonNullable<SampleRequest['firstSpan']>,
  continuous: readonly ContinuousModality[],
): string[] {
  const modality = continuous.find((known) => known.name === name);
  if (modality === undefined) {
    const names = continuous.map((known) => known.name);
    const expected =
      names.length === 0 ? 'none: the model has no continuous modality' : `one of ${names.join(', ')}`;
    return [`firstSpan.modality is ${show(name)}, expected ${expected}`];
  }
  const { latentShapes } = modality;
  if (latentShape === undefined || latentShapes.some((known) => sameShape(known, latentShape))) return [];
  return [
    `firstSpan.latentShape is ${formatShape(latentShape)}, expected one of ${latentShapes.map(formatShape).join(', ')}`,
  ];
}
