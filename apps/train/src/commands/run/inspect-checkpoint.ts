import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '@transfusion/core';
import { sizeOf } from '@transfusion/modality';
import { readSafetensors } from '@transfusion/nn';
import { findCheckpoint, storedModelConfig } from '@transfusion/runs';
import { openCheckpoint } from '@transfusion/trainer';
import type { ParameterCounts } from './inspect-model.js';

/** Contents of a checkpoint's folder. */
export interface CheckpointInspection {
  readonly path: string;
  readonly step: number;
  readonly files: readonly {
    readonly file: string;
    readonly tensors: number;
    readonly elements: number;
    readonly bytes: number;
  }[];
}

/** A checkpoint and its model. */
export interface StoredModel {
  readonly checkpoint: CheckpointInspection;
  /** Name of the recipe that trained it, if recorded. */
  readonly recipe?: string;
  readonly config: ModelConfig;
  readonly parameters: ParameterCounts;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Reads the model's config and the headers of the tensor files from the folder of a run or a checkpoint.
 *
 * @throws TransfusionError if there is no checkpoint, it is damaged, or its model is not a Transfusion model
 */
export async function inspectCheckpoint(path: string): Promise<StoredModel> {
  const checkpoint = await openCheckpoint(await findCheckpoint(path));
  const folder = checkpoint.path;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort();
  const shapes = new Map<string, Shapes>();
  for (const name of names) shapes.set(name, await readShapes(join(folder, name)));
  const files = names.map(async (file) => ({
    file,
    tensors: shapes.get(file)!.size,
    elements: [...shapes.get(file)!.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
    bytes: (await stat(join(folder, file))).size,
  }));
  return {
    checkpoint: { path: folder, step: checkpoint.step, files: await Promise.all(files) },
    recipe: recipeName(checkpoint.description),
    config: storedModelConfig(checkpoint),
    parameters: countByPart(shapes.get('ema.safetensors') ?? new Map()),
  };
}

function recipeName(description: unknown): string | undefined {
  const { recipe } = (description ?? {}) as { readonly recipe?: unknown };
  return typeof recipe === 'string' ? recipe : undefined;
}

async function readShapes(path: string): Promise<Shapes> {
  const stored = await readSafetensors(path);
  await stored.close();
  return new Map([...stored.tensors].map(([name, { shape }]) => [name, shape]));
}

/** Counts parameters by the first part of their path, and adapters by modality. */
function countByPart(shapes: Shapes): ParameterCounts {
  const counts: Record<string, number> = {};
  for (const [path, shape] of shapes) {
    const [part, modality] = path.split('.');
    const key = part === 'adapters' ? `${part}.${modality}` : part;
    counts[key] = (counts[key] ?? 0) + sizeOf(shape);
  }
  return counts;
}
