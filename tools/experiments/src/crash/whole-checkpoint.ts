import { join } from 'node:path';
import { readSafetensors } from '@transfusion/nn';
import { readCheckpointInfo } from '@transfusion/trainer';

/** Reads all that a run needs to go on: every tensor of each tree. Rejects if something is not there. */
export async function readWholeCheckpoint(path: string): Promise<void> {
  await readCheckpointInfo(path);
  for (const tree of ['model', 'ema', 'optimizer']) {
    const file = await readSafetensors(join(path, `${tree}.safetensors`));
    try {
      if (file.tensors.size === 0) throw new Error(`${file.path} has no tensors`);
      for (const name of file.tensors.keys()) await file.read(name);
    } finally {
      await file.close();
    }
  }
}
