import { existsSync, statSync } from 'node:fs';
import { findCheckpoint, loadModel, type LoadedModel } from '@transfusion/runs';
import { modalityFactories } from './composition/modality-factories.js';
import { openRecipe } from './composition/open-recipe.js';
import { shippedModels } from './composition/shipped-models.js';

/** Help text of a `<run>` argument. */
export const RUN_HELP = 'run or checkpoint folder, or a shipped model such as `emoji`';

/** Options of commands that load a run. */
export interface LoadRunOptions {
  readonly recipe?: string;
  readonly data?: string;
}

/** Resolves a `<run>` argument to a folder: an existing path, or the folder of the shipped model of that name. */
export function resolveRunFolder(path: string): string {
  return existsSync(path) ? path : (shippedModels.get(path) ?? path);
}

/** Returns true for the folder of a run or a checkpoint. */
export function isRunOrCheckpoint(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Loads the model of a run or a checkpoint (see {@link resolveRunFolder}). Its modalities are rebuilt from the
 * configs in the checkpoint, or taken from the recipe that the user passes. No other code is executed.
 *
 * @throws TransfusionError if there is no checkpoint, the recipe's model differs from it, or it has a modality
 *   without a factory and no recipe is passed
 */
export async function loadRun(path: string, { recipe, data }: LoadRunOptions): Promise<LoadedModel> {
  const folder = resolveRunFolder(path);
  // Before the recipe is opened: a missing run should be reported first.
  await findCheckpoint(folder);
  const modalities =
    recipe === undefined ? modalityFactories : (await openRecipe({ recipe, data })).modalities;
  return loadModel(folder, modalities);
}
