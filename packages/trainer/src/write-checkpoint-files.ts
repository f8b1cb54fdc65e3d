import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { writeSafetensors, type TensorSource } from '@transfusion/nn';
import { encodeManifest, isSafePath, MANIFEST_FILE, type CheckpointInfo } from './checkpoint-manifest.js';
import { createFileHasher, sha256Of, type FileDigest } from './file-digest.js';

/** The files of a checkpoint other than `checkpoint.json`. */
export interface CheckpointFiles {
  /** Tensors by name for each tree; written as `<tree>.safetensors`. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, TensorSource>>>>;
  /** Content of other files by path relative to the folder. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
}

const TREE_FILE = /^([^/]+)\.safetensors$/;

/** Returns the file name of a tree. */
export function treeFile(tree: string): string {
  return `${tree}.safetensors`;
}

/** Returns the tree that a file of a checkpoint contains; undefined for an asset. */
export function treeOf(file: string): string | undefined {
  return TREE_FILE.exec(file)?.[1];
}

/**
 * Writes a checkpoint's files into a folder, `checkpoint.json` last, and syncs them to disk.
 *
 * @throws TransfusionError `invalid-argument` for an asset whose path points outside the folder or is
 *   reserved
 */
export async function writeCheckpointFiles(
  folder: string,
  info: CheckpointInfo,
  { trees, assets }: CheckpointFiles,
): Promise<void> {
  const files: Record<string, FileDigest> = {};
  const folders = new Set<string>();
  await mkdir(folder, { recursive: true });
  for (const [tree, tensors] of Object.entries(trees)) {
    const digest = createFileHasher();
    await writeSafetensors(join(folder, treeFile(tree)), tensors, { onBytes: digest.update });
    files[treeFile(tree)] = digest.digest();
  }
  for (const [path, content] of Object.entries(assets)) {
    checkAssetPath(path);
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeSynced(join(folder, path), content);
    files[path] = { bytes: content.length, sha256: sha256Of(content) };
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) folders.add(parent);
  }
  await writeSynced(join(folder, MANIFEST_FILE), encodeManifest(info, files));
  for (const written of [...folders, '.']) await syncFolder(join(folder, written));
}

function checkAssetPath(path: string): void {
  if (isSafePath(path) && path !== MANIFEST_FILE && treeOf(path) === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `assets: '${path}' is not a valid path in a checkpoint, expected a relative path with forward slashes, other than ` +
      `${MANIFEST_FILE} and top-level *.safetensors. Put the file into a subfolder.`,
  );
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes changes in a folder durable across a power failure. Windows cannot sync folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
