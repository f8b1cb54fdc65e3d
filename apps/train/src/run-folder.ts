/** A run's folder, as far as this program is concerned: `run.json` says with which recipe it was made. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emojiModelFolder } from '@transfusion/emoji';
import { TransfusionError } from '@transfusion/errors';
import { findCheckpoint, loadModel, type LoadedModel, type Recipe } from '@transfusion/runs';
import { openRecipe, referenceFrom, type RecipeReference } from './recipe-reference.js';

const RUN_FILE = 'run.json';

/** Notes the recipe, so that later commands need only the folder. */
export function writeRunFile(folder: string, reference: RecipeReference): void {
  mkdirSync(folder, { recursive: true });
  const stored = referenceFrom(folder, reference, 'folder');
  writeFileSync(join(folder, RUN_FILE), `${JSON.stringify(stored, undefined, 2)}\n`);
}

/**
 * The recipe of a run, or of the run that a checkpoint belongs to.
 *
 * @throws TransfusionError `not-found` if the folder does not say
 */
export function readRunFile(path: string): RecipeReference {
  // A checkpoint is <run>/checkpoints/step-…
  const folder = [path, dirname(dirname(path))].find((candidate) => existsSync(join(candidate, RUN_FILE)));
  if (folder === undefined) {
    throw new TransfusionError(
      'not-found',
      `${path}: there is no ${RUN_FILE} that names the recipe. Give the recipe with --recipe.`,
    );
  }
  try {
    const reference = JSON.parse(readFileSync(join(folder, RUN_FILE), 'utf8')) as RecipeReference;
    if (typeof reference.recipe === 'string') return referenceFrom(folder, reference, 'here');
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${join(folder, RUN_FILE)}: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new TransfusionError(
    'invalid-file',
    `${join(folder, RUN_FILE)}: names no recipe. Give it with --recipe.`,
  );
}

/** Whether a path is a run's or a checkpoint's folder, rather than a recipe. */
export function isRunOrCheckpoint(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** A run that was opened for use. */
export interface OpenedRun extends LoadedModel {
  readonly recipe: Recipe;
}

/** `emoji`, where there is no such folder, is the model that ships. */
export function runFolder(path: string): string {
  return path === 'emoji' && !existsSync(path) ? emojiModelFolder : path;
}

/**
 * Loads the model of a run or a checkpoint (see {@link runFolder}); the recipe is the one noted there unless
 * another is given.
 *
 * @throws TransfusionError if there is no checkpoint, or it is another model's
 */
export async function openRun(path: string, recipe?: string, data?: string): Promise<OpenedRun> {
  const folder = runFolder(path);
  // First: without a run, what its recipe was is not the question.
  const checkpoint = await findCheckpoint(folder);
  const opened = await openRecipe(recipe === undefined ? readRunFile(folder) : { recipe, data });
  return { ...(await loadModel(checkpoint, opened.modalities)), recipe: opened };
}
