/** `run.json` in a run's folder records the recipe for reference. The recipe it names is never executed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isRecipeFile } from '@transfusion/runs';
import type { RecipeReference } from './composition/open-recipe.js';

const NOTE_FILE = 'run.json';

/** Writes the recipe of a run, with paths relative to the run's folder. */
export function writeRunNote(folder: string, { recipe, data }: RecipeReference): void {
  const fromFolder = (path: string): string => relative(folder, resolve(path));
  const note: RecipeReference = {
    recipe: isRecipeFile(recipe) ? fromFolder(recipe) : recipe,
    ...(data === undefined ? {} : { data: fromFolder(data) }),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, NOTE_FILE), `${JSON.stringify(note, undefined, 2)}\n`);
}

/**
 * Reads the recipe recorded for a run, or for the run of a checkpoint; undefined if it is missing or invalid.
 */
export function readRunNote(path: string): RecipeReference | undefined {
  // A checkpoint's folder is <run>/checkpoints/step-…
  const folder = [path, dirname(dirname(path))].find((candidate) => existsSync(join(candidate, NOTE_FILE)));
  if (folder === undefined) return undefined;
  const { recipe, data } = parseNote(readFileSync(join(folder, NOTE_FILE), 'utf8'));
  if (typeof recipe !== 'string') return undefined;
  const fromHere = (path: string): string => relative('', resolve(folder, path));
  return {
    recipe: isRecipeFile(recipe) ? fromHere(recipe) : recipe,
    ...(typeof data === 'string' ? { data: fromHere(data) } : {}),
  };
}

function parseNote(text: string): Partial<Record<keyof RecipeReference, unknown>> {
  try {
    const note: unknown = JSON.parse(text);
    return typeof note === 'object' && note !== null ? note : {};
  } catch {
    return {};
  }
}
