import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { inspectCheckpoint, type CheckpointInspection } from '../inspect-checkpoint.js';
import { inspectModel, type ModelInspection } from '../inspect-model.js';
import { formatAmount, formatBytes } from '../quantities.js';
import { openRecipe, recipeHelp } from '../recipe-reference.js';
import { isRunOrCheckpoint, readRunFile, runFolder } from '../run-folder.js';

interface InspectCommandOptions {
  readonly recipe?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** `transfusion inspect` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'Says how large a model is, what a step costs, which token is what, and what a checkpoint holds.',
    )
    .argument('<recipe, run or checkpoint>', 'a recipe, or the folder of a run or of a checkpoint')
    .option('--recipe <recipe>', 'the recipe of the run, if its folder does not say')
    .option('--data <file>', 'that of the recipe, if it needs one')
    .option('--json', 'all of it as JSON')
    .addHelpText('after', recipeHelp)
    .action(inspectAction);
}

async function inspectAction(
  target: string,
  { recipe, data, json }: InspectCommandOptions,
  command: Command,
): Promise<void> {
  const folder = runFolder(target);
  const isStored = isRunOrCheckpoint(folder);
  const checkpoint = isStored ? await inspectCheckpoint(folder) : undefined;
  const reference =
    isStored && recipe === undefined ? readRunFile(folder) : { recipe: recipe ?? target, data };
  await startEngine(command);
  const opened = await openRecipe(reference);
  const model = inspectModel(opened);
  if (json === true) console.log(JSON.stringify({ ...model, checkpoint }, undefined, 2));
  else console.log([...modelLines(model), ...checkpointLines(checkpoint)].join('\n'));
}

function modelLines({
  recipe,
  transformer,
  parameters,
  flopsPerStep,
  memory,
  batch,
  vocabulary,
}: ModelInspection): string[] {
  const { numLayers, modelDim, numHeads, numKvHeads, ffnDim, weights } = transformer;
  const { total, ...parts } = parameters;
  const { total: memoryTotal, ...bytes } = memory;
  return [
    `recipe ${recipe}`,
    `  transformer  ${numLayers} layers of ${modelDim}, ${numHeads} heads (${numKvHeads} of keys and values), feed-forward ${ffnDim}, ${weights} weights`,
    `  a step       ${batch.microBatches} × ${batch.numRows} rows of ${batch.rowLength}, ${formatAmount(flopsPerStep)}FLOP`,
    '',
    `parameters     ${formatAmount(total)}`,
    ...Object.entries(parts).map(([part, count]) => `  ${part.padEnd(16)} ${formatAmount(count)}`),
    '',
    `memory         about ${formatBytes(memoryTotal)} for a training step`,
    ...Object.entries(bytes).map(([what, count]) => `  ${what.padEnd(16)} ${formatBytes(count)}`),
    '',
    `vocabulary     ${vocabulary.reduce((sum, { size }) => sum + size, 0)} ids`,
    ...vocabulary.map(
      ({ start, size, what }) => `  ${String(start).padStart(7)}  ${what}${size > 1 ? ` (${size})` : ''}`,
    ),
  ];
}

function checkpointLines(checkpoint: CheckpointInspection | undefined): string[] {
  if (checkpoint === undefined) return [];
  const { path, step, files } = checkpoint;
  return [
    '',
    `checkpoint     ${path}, after ${step} steps`,
    ...files.map(
      ({ file, tensors, numbers, bytes }) =>
        `  ${file.padEnd(24)} ${tensors} tensors, ${formatAmount(numbers)} numbers, ${formatBytes(bytes)}`,
    ),
  ];
}
