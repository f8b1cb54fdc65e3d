/** Exports: all that is needed to use a trained model, or to train it on with other data; no state of the optimizer. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readSafetensors, type SafetensorsFile, type TensorSource } from '@transfusion/nn';
import { openCheckpoint } from './open-checkpoint.js';
import { verifyFile } from './verified-file.js';
import { syncFolder, treeFile, writeCheckpointFiles } from './write-checkpoint-files.js';

/**
 * Writes the EMA of a checkpoint's parameters and the model's further files into a folder that is read like a
 * checkpoint. In half precision the weights take an eighth of what a checkpoint's trees take. The folder gets its name when all in it is
 * on the disk: a failure leaves none.
 *
 * @param folder one that does not exist yet
 * @param precision of the parameters; defaults to `half`; `single` keeps every bit
 * @throws TransfusionError `invalid-file` if it is no checkpoint, or damaged
 */
export async function exportCheckpoint(
  checkpoint: string,
  folder: string,
  precision: 'single' | 'half' = 'half',
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
    await writeCheckpointFiles(temporary, info, { trees: { ema: sourcesOf(stored, precision) }, assets });
    await rename(temporary, folder);
    await syncFolder(dirname(resolve(folder)));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    await stored.close();
  }
}

function sourcesOf(stored: SafetensorsFile, precision: 'single' | 'half'): Record<string, TensorSource> {
  const sources = [...stored.tensors].map(([name, { shape, dtype }]): [string, TensorSource] => {
    const read = async () => (await stored.read(name)).data;
    const isHalf = precision === 'half' && dtype === 'float32';
    return [name, { shape, dtype, read, ...(isHalf ? { storedAs: 'F16' } : {}) }];
  });
  return Object.fromEntries(sources);
}
