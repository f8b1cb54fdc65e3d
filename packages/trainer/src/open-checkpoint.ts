import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams, paramsFromSafetensors, type Params } from '@transfusion/nn';
import { readManifest, type CheckpointInfo } from './checkpoint-manifest.js';
import type { FileDigest } from './file-digest.js';
import { checkSize, readVerifiedFile, readVerifiedTensors, verifyFile } from './verified-file.js';
import { treeFile, treeOf } from './write-checkpoint-files.js';

/** An open checkpoint or export. Everything read is verified against the hashes in `checkpoint.json`. */
export interface Checkpoint extends CheckpointInfo {
  /** The folder. */
  readonly path: string;
  /** Names of its trees: `model`, `ema` and `optimizer` for a run; `ema` for an export. */
  readonly trees: readonly string[];
  /** Paths of the model's other files, relative to the folder, with forward slashes. */
  readonly assets: readonly string[];
  /**
   * Reads a tree of tensors; the caller disposes of it.
   *
   * @throws TransfusionError `not-found` for an unknown tree, `invalid-file` if its file is damaged,
   *   `mismatch` if its structure differs from `like`
   */
  readTree<P extends Params>(name: string, like: P): Promise<P>;
  /**
   * Reads one of `assets`.
   *
   * @throws TransfusionError `not-found` if it is not in `assets`, `invalid-file` if it is damaged
   */
  readAsset(path: string): Promise<Uint8Array>;
  /** Returns size and hash of a file. @throws TransfusionError `not-found` for an unknown file */
  digestOf(file: string): FileDigest;
  /** Reads and verifies all files. @throws TransfusionError `invalid-file`, naming the first damaged one */
  verify(): Promise<void>;
}

/**
 * Opens a checkpoint's folder: reads `checkpoint.json` and checks that all files exist with the recorded
 * sizes.
 *
 * @throws TransfusionError `invalid-file` if a file is missing or damaged, or has a different format version
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const { formatVersion: _, files, ...info } = await readManifest(path);
  const entries = Object.entries(files);
  for (const [file, digest] of entries) await checkSize(join(path, file), digest);
  const digestOf = (file: string): FileDigest => {
    if (Object.hasOwn(files, file)) return files[file];
    throw new TransfusionError(
      'not-found',
      `${path}: the checkpoint has no file '${file}', expected one of ${Object.keys(files).join(', ') || 'none'}.`,
    );
  };
  return {
    ...info,
    path,
    trees: entries.map(([file]) => treeOf(file)).filter((tree) => tree !== undefined),
    assets: entries.map(([file]) => file).filter((file) => treeOf(file) === undefined),
    readTree: async (name, like) =>
      readVerifiedTensors(
        join(path, treeFile(name)),
        digestOf(treeFile(name)),
        (file) => paramsFromSafetensors(like, file),
        disposeParams,
      ),
    readAsset: async (asset) => readVerifiedFile(join(path, asset), digestOf(asset)),
    digestOf,
    verify: async () => {
      for (const [file, digest] of entries) await verifyFile(join(path, file), digest);
    },
  };
}
