import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transfusion } from '@transfusion/core';
import { sizeOf } from '@transfusion/modality';
import { readSafetensors, TransfusionError } from '@transfusion/nn';
import {
  createModel,
  describeRun,
  findCheckpoint,
  type Recipe,
  type RunDescription,
} from '@transfusion/recipes';
import { firstDifference, readCheckpointInfo } from '@transfusion/trainer';

/** What a checkpoint's folder holds. */
export interface CheckpointInspection {
  readonly path: string;
  readonly step: number;
  readonly files: readonly {
    readonly file: string;
    readonly tensors: number;
    readonly numbers: number;
    readonly bytes: number;
  }[];
}

/** Reads the headers of a checkpoint's files. @throws TransfusionError if there is none, or it is damaged */
export async function inspectCheckpoint(path: string): Promise<CheckpointInspection> {
  const checkpoint = await findCheckpoint(path);
  const { step } = await readCheckpointInfo(checkpoint);
  const names = (await readdir(checkpoint)).filter((name) => name.endsWith('.safetensors')).sort();
  const files = await Promise.all(names.map((file) => inspectFile(checkpoint, file)));
  return { path: checkpoint, step, files };
}

/**
 * The recipe's model with the token ids that a checkpoint gave it, as `loadModel` would load it.
 *
 * @throws TransfusionError `mismatch` if the checkpoint is not of the recipe's model, `invalid-file` if it
 *   does not say
 */
export async function modelOfCheckpoint(path: string, recipe: Recipe): Promise<Transfusion> {
  const { description } = await readCheckpointInfo(path);
  if (!isRunDescription(description)) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: the checkpoint does not say which model it holds; it was not written by a recipe's run.`,
    );
  }
  const model = createModel(recipe, description.vocabulary);
  const difference = firstDifference(modelPart(description), modelPart(describeRun(recipe, model)));
  if (difference === undefined) return model;
  throw new TransfusionError(
    'mismatch',
    `${path} holds another model than recipe '${recipe.name}': ${difference}. Inspect it with the recipe that made it.`,
  );
}

function isRunDescription(description: unknown): description is RunDescription {
  return Array.isArray((description as Partial<RunDescription> | null)?.vocabulary);
}

function modelPart({ recipe: _name, seed: _seed, ...model }: RunDescription): object {
  return model;
}

async function inspectFile(folder: string, file: string): Promise<CheckpointInspection['files'][number]> {
  const path = join(folder, file);
  const stored = await readSafetensors(path);
  await stored.close();
  const shapes = [...stored.tensors.values()].map(({ shape }) => shape);
  const numbers = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return { file, tensors: shapes.length, numbers, bytes: (await stat(path)).size };
}
