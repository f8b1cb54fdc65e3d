/** What is needed to use a trained model, or to train it on with other data: no state of the optimizer. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors, type TensorSource } from '@transfusion/nn';
import { INFO_FILE, readCheckpointInfo, type CheckpointInfo } from './checkpoint.js';

/**
 * Writes a checkpoint's EMA of the parameters into a folder that is read like a checkpoint. In half
 * precision that is an eighth of the checkpoint's size.
 *
 * @param precision `half` by default; `single` keeps every bit
 * @throws TransfusionError `invalid-file` if it is no checkpoint
 */
export async function exportCheckpoint(
  checkpoint: string,
  folder: string,
  precision: 'single' | 'half' = 'half',
): Promise<void> {
  const { formatVersion, step, description } = await readCheckpointInfo(checkpoint);
  const info: CheckpointInfo = { formatVersion, step, description, skippedInARow: 0, cursor: null };
  const file = 'ema.safetensors';
  const stored = await readSafetensors(join(checkpoint, file));
  try {
    const tensors = [...stored.tensors].map(([name, { shape, dtype }]): [string, TensorSource] => {
      const read = async () => (await stored.read(name)).data;
      const isHalf = precision === 'half' && dtype === 'float32';
      return [name, { shape, dtype, read, ...(isHalf ? { storedAs: 'F16' } : {}) }];
    });
    await mkdir(folder, { recursive: true });
    await writeSafetensors(join(folder, file), Object.fromEntries(tensors), stored.metadata);
  } finally {
    await stored.close();
  }
  await writeFile(join(folder, INFO_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
}
