import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { createRng, disposeParams } from '@transfusion/nn';
import { firstDifference, listCheckpoints, openCheckpoint } from '@transfusion/trainer';
import { createModel } from './create-model.js';
import {
  describeRun,
  parseRunDescription,
  type ModalityDescription,
  type RunDescription,
} from './describe-run.js';
import type { Recipe } from './recipe.js';

/** A trained model. */
export interface LoadedModel {
  readonly model: Transfusion;
  /** The EMA of the parameters; the caller's to dispose of. */
  readonly params: TransfusionParams;
  /** Steps it was trained for. */
  readonly step: number;
}

/** How strictly a checkpoint is held to the recipe. */
export interface LoadModelOptions {
  /** Whether its codecs may differ from the recipe's, to train the model on with those; false by default. */
  readonly otherCodecs?: boolean;
}

/**
 * Loads a model: of a checkpoint's folder, or of the newest checkpoint of a run's folder.
 *
 * @throws TransfusionError `not-found` if there is no checkpoint, and as {@link modelOfCheckpoint}
 */
export async function loadModel(
  path: string,
  recipe: Recipe,
  options: LoadModelOptions = {},
): Promise<LoadedModel> {
  const checkpoint = await findCheckpoint(path);
  const { model, step } = await modelOfCheckpoint(checkpoint, recipe, options);
  const like = model.init(createRng(0));
  try {
    return { model, params: await (await openCheckpoint(checkpoint)).readTree('ema', like), step };
  } finally {
    disposeParams(like);
  }
}

/**
 * The recipe's model with the token ids that a checkpoint's folder gave it; reads no parameters.
 *
 * @throws TransfusionError `mismatch` if it is not of the recipe's model, `invalid-file` if it does not say
 */
export async function modelOfCheckpoint(
  checkpoint: string,
  recipe: Recipe,
  { otherCodecs = false }: LoadModelOptions = {},
): Promise<Pick<LoadedModel, 'model' | 'step'>> {
  const { step, description } = await openCheckpoint(checkpoint);
  const stored = parseRunDescription(description, checkpoint);
  const model = createModel(recipe, stored.vocabulary);
  const part = (description: RunDescription): object => modelPart(description, otherCodecs);
  const difference = firstDifference(part(stored), part(describeRun(recipe, model)));
  if (difference === undefined) return { model, step };
  throw new TransfusionError(
    'mismatch',
    `${checkpoint} holds another model than recipe '${recipe.name}': ${difference}. Load it with the recipe that made it.`,
  );
}

/**
 * The folder itself if it is a checkpoint, else the newest checkpoint of the run in it.
 *
 * @throws TransfusionError `not-found` if there is none
 */
export async function findCheckpoint(path: string): Promise<string> {
  if (existsSync(join(path, 'checkpoint.json'))) return path;
  const newest = (await listCheckpoints(join(path, 'checkpoints'))).at(-1);
  if (newest !== undefined) return newest.path;
  throw new TransfusionError(
    'not-found',
    `${path}: there is no checkpoint. Give the folder of a run that has written one, or a checkpoint's own folder.`,
  );
}

function modelPart(
  { recipe: _name, seed: _seed, modalities, ...model }: RunDescription,
  otherCodecs: boolean,
): object {
  if (!otherCodecs) return { ...model, modalities };
  const withoutCodec = (modality: ModalityDescription): object => ({ ...modality, codec: undefined });
  return { ...model, modalities: modalities.map(withoutCodec) };
}
