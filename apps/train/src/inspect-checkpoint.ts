import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sizeOf } from '@transfusion/modality';
import { readSafetensors } from '@transfusion/nn';
import { findCheckpoint } from '@transfusion/runs';
import { openCheckpoint } from '@transfusion/trainer';

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
  const { step } = await openCheckpoint(checkpoint);
  const names = (await readdir(checkpoint)).filter((name) => name.endsWith('.safetensors')).sort();
  const files = await Promise.all(names.map((file) => inspectFile(checkpoint, file)));
  return { path: checkpoint, step, files };
}

async function inspectFile(folder: string, file: string): Promise<CheckpointInspection['files'][number]> {
  const path = join(folder, file);
  const stored = await readSafetensors(path);
  await stored.close();
  const shapes = [...stored.tensors.values()].map(({ shape }) => shape);
  const numbers = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return { file, tensors: shapes.length, numbers, bytes: (await stat(path)).size };
}
