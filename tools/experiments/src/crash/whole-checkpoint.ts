import { openCheckpoint } from '@transfusion/trainer';

/** Reads all that a run needs to resume. Rejects if something is missing or damaged. */
export async function readWholeCheckpoint(path: string): Promise<void> {
  const checkpoint = await openCheckpoint(path);
  for (const tree of ['model', 'ema', 'optimizer']) {
    if (!checkpoint.trees.includes(tree)) throw new Error(`${path} has no ${tree}`);
  }
  await checkpoint.verify();
}
