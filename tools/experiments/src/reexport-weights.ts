/**
 * Rewrites a folder of exported weights in the present checkpoint format:
 * `npx tsx --conditions=@transfusion/source src/reexport-weights.ts <folder>`. The parameters keep every bit; `run.json`
 * stays as it is, and all other files become assets.
 */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@transfusion/tfjs';
import { readSafetensors } from '@transfusion/nn';
import { exportCheckpoint, saveCheckpoint, type CheckpointInfo } from '@transfusion/trainer';

/** Rewrites the folder's files; the parameters are and stay half precision. */
export async function reexportWeights(folder: string): Promise<void> {
  const { step, model, description } = JSON.parse(
    await readFile(join(folder, 'checkpoint.json'), 'utf8'),
  ) as CheckpointInfo;
  const info = { step, model, description, skippedInARow: 0, cursor: null };
  const temporary = await mkdtemp(join(tmpdir(), 'reexport-'));
  try {
    const trees = { ema: await readTensors(join(folder, 'ema.safetensors')) };
    const { path } = await saveCheckpoint(temporary, info, trees, await readAssets(folder));
    const exported = join(temporary, 'exported');
    await exportCheckpoint(path, exported);
    await cp(exported, folder, { recursive: true });
  } finally {
    await rm(temporary, { recursive: true });
  }
}

async function readTensors(path: string): Promise<Record<string, tf.Tensor>> {
  const file = await readSafetensors(path);
  try {
    const tensors: Record<string, tf.Tensor> = {};
    for (const name of file.tensors.keys()) {
      const { data, shape } = await file.read(name);
      tensors[name] = tf.tensor(data, [...shape], 'float32');
    }
    return tensors;
  } finally {
    await file.close();
  }
}

async function readAssets(folder: string): Promise<Record<string, Uint8Array>> {
  const written = ['checkpoint.json', 'ema.safetensors', 'run.json'];
  const assets: Record<string, Uint8Array> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/');
    if (entry.isFile() && !written.includes(path)) assets[path] = await readFile(join(folder, path));
  }
  return assets;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await tf.setBackend('cpu');
  await reexportWeights(process.argv[2]);
}
