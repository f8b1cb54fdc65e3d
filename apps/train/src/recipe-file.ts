/** Loads a recipe from a TypeScript or JavaScript file, without a build step. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as tfjs from '@tensorflow/tfjs';
import * as core from '@transfusion/core';
import * as data from '@transfusion/data';
import * as diffusion from '@transfusion/diffusion';
import * as emoji from '@transfusion/emoji';
import * as evaluators from '@transfusion/evaluators';
import * as losses from '@transfusion/losses';
import * as modality from '@transfusion/modality';
import * as modalityImage from '@transfusion/modality-image';
import * as modalityText from '@transfusion/modality-text';
import * as nn from '@transfusion/nn';
import { TransfusionError } from '@transfusion/errors';
import { defineRecipe, type Recipe, type RecipeOptions } from '@transfusion/runs';
import {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeOptions,
} from '@transfusion/runs-autoencoder';
import * as pipelines from '@transfusion/pipelines';
import * as recipes from '@transfusion/recipes';
import * as backend from '@transfusion/tfjs-backend-onnxruntime';
import * as engine from '@transfusion/engine';
import * as errors from '@transfusion/errors';
import * as runs from '@transfusion/runs';
import * as runsAutoencoder from '@transfusion/runs-autoencoder';
import * as trainer from '@transfusion/trainer';
import { createJiti } from 'jiti';

// The file gets this program's own copies: wherever it lies it finds them, and there is one TensorFlow.js.
const virtualModules = {
  '@tensorflow/tfjs': tfjs,
  '@transfusion/core': core,
  '@transfusion/data': data,
  '@transfusion/diffusion': diffusion,
  '@transfusion/emoji': emoji,
  '@transfusion/evaluators': evaluators,
  '@transfusion/losses': losses,
  '@transfusion/modality': modality,
  '@transfusion/modality-image': modalityImage,
  '@transfusion/modality-text': modalityText,
  '@transfusion/nn': nn,
  '@transfusion/pipelines': pipelines,
  '@transfusion/recipes': recipes,
  '@transfusion/tfjs-backend-onnxruntime': backend,
  '@transfusion/engine': engine,
  '@transfusion/errors': errors,
  '@transfusion/runs': runs,
  '@transfusion/runs-autoencoder': runsAutoencoder,
  '@transfusion/trainer': trainer,
};

/**
 * The recipe that a file exports, as its default or as `recipe`: a recipe, or a function that returns
 * one.
 *
 * @throws TransfusionError `not-found` without the file, `invalid-file` if it does not run or exports no
 *   recipe
 */
export async function loadRecipeFile(path: string): Promise<Recipe | AutoencoderRecipe> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new TransfusionError(
      'not-found',
      `${path}: there is no such file. Give the path of a recipe file.`,
    );
  }
  const exported = await exportedBy(file, path);
  const value: unknown = typeof exported === 'function' ? await exported() : exported;
  if (typeof value !== 'object' || value === null) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: exports no recipe. Write \`export const recipe = defineRecipe({ … })\`, or make it the default export.`,
    );
  }
  const isAutoencoder = 'autoencoder' in value;
  return isAutoencoder
    ? defineAutoencoderRecipe(value as AutoencoderRecipeOptions)
    : defineRecipe(value as RecipeOptions);
}

async function exportedBy(file: string, path: string): Promise<unknown> {
  const jiti = createJiti(import.meta.url, {
    virtualModules,
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
  });
  try {
    const { default: byDefault, recipe } = await jiti.import<{ default?: unknown; recipe?: unknown }>(file);
    return recipe ?? byDefault;
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
}
