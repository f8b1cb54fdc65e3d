import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams, paramsFromSafetensors, type Params } from '@transfusion/nn';
import { readManifest, type CheckpointInfo } from './checkpoint-manifest.js';
import type { FileDigest } from './file-digest.js';
import { checkSize, readVerifiedFile, readVerifiedTensors, verifyFile } from './verified-file.js';
import { treeFile, treeOf } from './write-checkpoint-files.js';

/** A checkpoint or an export, to be read. All that is read is checked against the hashes in `checkpoint.json`. */
export interface Checkpoint extends CheckpointInfo {
  /** The folder. */
  readonly path: string;
  /** Names of its trees: `model`, `ema` and `optimizer` of a run; `ema` of an export. */
  readonly trees: readonly string[];
  /** Paths of the model's further files, relative to the folder, with forward slashes. */
  readonly assets: readonly string[];
  /**
   * Reads a tree of tensors; the caller's to dispose of.
   *
   * @throws TransfusionError `not-found` if there is no such tree, `invalid-file` if its file is damaged, `mismatch`
   *   if it is not a tree like `like`
   */
  readTree<P extends Params>(name: string, like: P): Promise<P>;
  /**
   * Reads a further file.
   *
   * @throws TransfusionError `not-found` if it is not in `assets`, `invalid-file` if it is damaged
   */
  readAsset(path: string): Promise<Uint8Array>;
  /** Size and hash of a file. @throws TransfusionError `not-found` if it is none of the checkpoint's */
  digestOf(file: string): FileDigest;
  /** Reads and checks all files. @throws TransfusionError `invalid-file`, naming the first that is damaged */
  verify(): Promise<void>;
}

/**
 * Opens a checkpoint's folder: reads `checkpoint.json`, and checks that all files are there in their sizes.
 *
 * @throws TransfusionError `invalid-file` if something is missing or damaged, or of another format version
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const { formatVersion: _, files, ...info } = await readManifest(path);
  const entries = Object.entries(files);
  for (const [file, digest] of entries) await checkSize(join(path, file), digest);
  const digestOf = (file: string): FileDigest => {
    if (Object.hasOwn(files, file)) return files[file];
    throw new TransfusionError(
      'not-found',
      `${path}: the checkpoint has no file '${file}'; it has ${Object.keys(files).join(', ') || 'none'}.`,
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
