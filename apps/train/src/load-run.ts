import { existsSync, statSync } from 'node:fs';
import type { ModalityRegistry } from '@transfusion/modality';
import { findCheckpoint, loadModel, type LoadedModel } from '@transfusion/runs';
import type { Command } from 'commander';
import { modalityFactories } from './composition/modality-factories.js';
import type { RecipeReference } from './composition/open-recipe.js';
import { startEngine } from './engine.js';

/** Options of commands that load a run. */
export interface LoadRunOptions {
  readonly recipe?: string;
  readonly data?: string;
  readonly lora?: string;
}

/**
 * Resolves a `<run>` argument to a folder: an existing path, or the folder of the shipped model of that name.
 */
export async function resolveRunFolder(path: string): Promise<string> {
  if (existsSync(path)) return path;
  const { shippedModels } = await import('./composition/shipped-models.js');
  return shippedModels.get(path) ?? path;
}

/** Returns true for the folder of a run or a checkpoint. */
export function isRunOrCheckpoint(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Starts the engine and loads the model of a run or a checkpoint (see {@link resolveRunFolder}). Its
 * modalities are rebuilt from the configs in the checkpoint, or taken from the recipe that the user passes.
 * No other code is executed.
 *
 * @throws TransfusionError if there is no checkpoint, the recipe's model differs from it, or it has a
 *   modality without a factory and no recipe is passed
 */
export async function loadRun(
  path: string,
  { recipe, data, lora }: LoadRunOptions,
  command: Command,
): Promise<LoadedModel> {
  const folder = await resolveRunFolder(path);
  // Before the engine starts and the recipe is opened: a missing run should be reported first.
  await findCheckpoint(folder);
  await startEngine(command);
  const modalities = recipe === undefined ? modalityFactories : await modalitiesOf({ recipe, data });
  return loadModel(folder, modalities, { lora });
}

async function modalitiesOf(reference: RecipeReference): Promise<ModalityRegistry> {
  const { openRecipe } = await import('./composition/open-recipe.js');
  return (await openRecipe(reference)).modalities;
}
