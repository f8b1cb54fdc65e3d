import { createTransfusion, type ModelConfig } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { createVocabulary, formatShape } from '@transfusion/modality';
import { createModel, modelDifference } from '@transfusion/runs';
import type { Command } from 'commander';
import { openRecipe } from '../../composition/open-recipe.js';
import { startEngine } from '../../engine.js';
import { isRunOrCheckpoint, resolveRunFolder, type LoadRunOptions } from '../../load-run.js';
import { formatSi, formatBytes } from '../../format-quantity.js';
import { readRunNote } from '../../run-note.js';
import { inspectCheckpoint, type CheckpointInspection, type StoredModel } from './inspect-checkpoint.js';
import {
  countModelParams,
  inspectModel,
  inspectStep,
  type ModelInspection,
  type StepInspection,
} from './inspect-model.js';

interface InspectOptions extends LoadRunOptions {
  readonly json?: boolean;
}

/** The report of `inspect`; step costs require a recipe. */
export interface Inspection extends ModelInspection, Partial<StepInspection> {
  /** Name of the recipe; for a run, as recorded in the checkpoint. */
  readonly recipe?: string;
  /** The recipe recorded in `run.json`. */
  readonly note?: string;
  readonly checkpoint?: CheckpointInspection;
}

/** Runs `transfusion inspect`. */
export async function inspectAction(
  target: string,
  options: InspectOptions,
  command: Command,
): Promise<void> {
  const folder = await resolveRunFolder(target);
  await startEngine(command);
  const inspection = isRunOrCheckpoint(folder)
    ? await inspectRun(folder, options)
    : await inspectRecipe(target, options);
  console.log(
    options.json === true
      ? JSON.stringify(inspection, undefined, 2)
      : [...modelLines(inspection), ...checkpointLines(inspection)].join('\n'),
  );
}

async function inspectRecipe(name: string, { data }: LoadRunOptions): Promise<Inspection> {
  const recipe = await openRecipe({ recipe: name, data });
  const model = createModel(recipe);
  return {
    recipe: recipe.name,
    ...inspectModel(model.config, countModelParams(model)),
    ...inspectStep(recipe, model),
  };
}

async function inspectRun(folder: string, { recipe, data }: LoadRunOptions): Promise<Inspection> {
  const stored = await inspectCheckpoint(folder);
  return {
    recipe: stored.recipe,
    note: readRunNote(folder)?.recipe,
    ...inspectModel(stored.config, stored.parameters),
    ...(recipe === undefined ? {} : await inspectStepOf(stored, recipe, data)),
    checkpoint: stored.checkpoint,
  };
}

/** @throws TransfusionError `mismatch` if the checkpoint's model differs from the recipe's */
async function inspectStepOf(
  { config, checkpoint }: StoredModel,
  name: string,
  data: string | undefined,
): Promise<StepInspection> {
  const recipe = await openRecipe({ recipe: name, data });
  const vocabulary = createVocabulary(recipe.modalities, config.vocabulary);
  const model = createTransfusion({ ...recipe, vocabulary });
  const difference = modelDifference(config, model.config, false);
  if (difference === undefined) return inspectStep(recipe, model);
  throw new TransfusionError(
    'mismatch',
    `${checkpoint.path} has a different model than recipe '${recipe.name}': ${difference}. Pass the recipe that trained it.`,
  );
}

function modelLines({
  recipe = 'not recorded',
  note,
  transformer,
  parameters,
  modalities,
  vocabulary,
  ...step
}: Inspection): string[] {
  const { numLayers, modelDim, numHeads, numKvHeads, ffnDim, weights } = transformer;
  const { total, ...parts } = parameters;
  return [
    `recipe         ${recipe}${note === undefined ? '' : `, from ${note}`}`,
    `transformer    ${numLayers} layers of ${modelDim}, ${numHeads} heads (${numKvHeads} key-value heads), feed-forward ${ffnDim}, ${weights} weights`,
    ...stepLines(step),
    '',
    `parameters     ${formatSi(total)}`,
    ...Object.entries(parts).map(([part, count]) => `  ${part.padEnd(16)} ${formatSi(count)}`),
    '',
    `modalities     ${modalities.length}`,
    ...modalities.map((modality) => `  ${modality.name.padEnd(16)} ${describeModality(modality)}`),
    '',
    `vocabulary     ${vocabulary.reduce((sum, { size }) => sum + size, 0)} ids`,
    ...vocabulary.map(
      ({ start, size, what }) => `  ${String(start).padStart(7)}  ${what}${size > 1 ? ` (${size})` : ''}`,
    ),
  ];
}

function stepLines({ batch, flopsPerStep, memory }: Partial<StepInspection>): string[] {
  if (batch === undefined || flopsPerStep === undefined || memory === undefined) return [];
  const { total, ...bytes } = memory;
  return [
    `step           ${batch.microBatches} × ${batch.numRows} rows of ${batch.rowLength}, ${formatSi(flopsPerStep, 'FLOP')}`,
    '',
    `memory         about ${formatBytes(total)} for a training step`,
    ...Object.entries(bytes).map(([what, count]) => `  ${what.padEnd(16)} ${formatBytes(count)}`),
  ];
}

function describeModality(modality: ModelConfig['modalities'][number]): string {
  const note = modality.config === null ? '; requires --recipe' : '';
  if (modality.kind === 'discrete') return `discrete, ${modality.identity.vocabSize} ids${note}`;
  const { latentShapes, spanLengths, predictionType, process, codec } = modality.identity;
  const shapes = latentShapes.map((shape, i) => `${formatShape(shape)} (${spanLengths[i]} positions)`);
  return `continuous, ${shapes.join(', ')}; ${process}, ${predictionType}; codec ${codec}${note}`;
}

function checkpointLines({ checkpoint }: Inspection): string[] {
  if (checkpoint === undefined) return [];
  const { path, step, files } = checkpoint;
  return [
    '',
    `checkpoint     ${path}, after ${step} steps`,
    ...files.map(
      ({ file, tensors, elements, bytes }) =>
        `  ${file.padEnd(24)} ${tensors} tensors, ${formatSi(elements)} elements, ${formatBytes(bytes)}`,
    ),
  ];
}
