import { existsSync, statSync } from 'node:fs';
import { findCheckpoint, loadModel, type LoadedModel } from '@transfusion/runs';
import { modalityFactories } from './composition/modality-factories.js';
import { openRecipe } from './composition/open-recipe.js';
import { shippedModels } from './composition/shipped-models.js';

/** Options of commands that open a run. */
export interface OpenRunOptions {
  readonly recipe?: string;
  readonly data?: string;
}

/** Returns the folder of a run: a path, or the folder of the shipped model of that name where there is no such path. */
export function runFolder(path: string): string {
  return existsSync(path) ? path : (shippedModels.get(path) ?? path);
}

/** Returns true for the folder of a run or a checkpoint. */
export function isRunOrCheckpoint(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Loads the model of a run or a checkpoint (see {@link runFolder}). Its modalities are rebuilt from the checkpoint's
 * configs, or are those of a recipe that the user names. No other code is executed.
 *
 * @throws TransfusionError if there is no checkpoint, it is another model's than the recipe's, or it has a modality
 *   of no factory and no recipe is named
 */
export async function openRun(path: string, { recipe, data }: OpenRunOptions): Promise<LoadedModel> {
  const folder = runFolder(path);
  // First: without a run, its recipe is not the question.
  await findCheckpoint(folder);
  const modalities =
    recipe === undefined ? modalityFactories : (await openRecipe({ recipe, data })).modalities;
  return loadModel(folder, modalities);
}
