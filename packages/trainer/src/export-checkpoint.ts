/** Exports for inference or fine-tuning: the EMA weights and the model's files, without optimizer state. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readSafetensors, type SafetensorsFile, type TensorSource } from '@transfusion/nn';
import { openCheckpoint } from './open-checkpoint.js';
import { verifyFile } from './verified-file.js';
import { syncFolder, treeFile, writeCheckpointFiles } from './write-checkpoint-files.js';

/**
 * Writes the EMA of a checkpoint's parameters and the model's other files into a folder that is read like a
 * checkpoint. In float16 the weights take an eighth of the size of a checkpoint's trees. The folder is
 * renamed into place once it is complete on disk, so a failure leaves nothing.
 *
 * @param folder output folder; must not exist
 * @param dtype data type of the parameters; defaults to `float16`; `float32` keeps them exact
 * @throws TransfusionError `invalid-file` if `checkpoint` is not a checkpoint, or damaged
 */
export async function exportCheckpoint(
  checkpoint: string,
  folder: string,
  dtype: 'float32' | 'float16' = 'float16',
): Promise<void> {
  const opened = await openCheckpoint(checkpoint);
  const { step, model, description } = opened;
  const assets: Record<string, Uint8Array> = {};
  for (const path of opened.assets) assets[path] = await opened.readAsset(path);
  const emaPath = join(checkpoint, treeFile('ema'));
  await verifyFile(emaPath, opened.digestOf(treeFile('ema')));
  const stored = await readSafetensors(emaPath);
  const temporary = `${resolve(folder)}.tmp-${randomUUID()}`;
  try {
    const info = { step, model, description, skippedInARow: 0, cursor: null };
    await writeCheckpointFiles(temporary, info, { trees: { ema: tensorSources(stored, dtype) }, assets });
    await rename(temporary, folder);
    await syncFolder(dirname(resolve(folder)));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    await stored.close();
  }
}

function tensorSources(stored: SafetensorsFile, dtype: 'float32' | 'float16'): Record<string, TensorSource> {
  const sources = [...stored.tensors].map(([name, { shape, dtype: storedType }]): [string, TensorSource] => {
    const read = async () => (await stored.read(name)).data;
    const isRounded = dtype === 'float16' && storedType === 'float32';
    // A tensor without a type cannot be read: `read` rejects.
    return [name, { shape, dtype: storedType ?? 'float32', read, ...(isRounded ? { storedAs: 'F16' } : {}) }];
  });
  return Object.fromEntries(sources);
}
