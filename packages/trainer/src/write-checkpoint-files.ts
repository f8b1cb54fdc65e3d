import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { writeSafetensors, type TensorSource } from '@transfusion/nn';
import { encodeManifest, isSafePath, MANIFEST_FILE, type CheckpointInfo } from './checkpoint-manifest.js';
import { createDigest, sha256Of, type FileDigest } from './file-digest.js';

/** The files of a checkpoint besides `checkpoint.json`. */
export interface CheckpointFiles {
  /** Tensors by name, by the name of their tree; written as `<tree>.safetensors`. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, TensorSource>>>>;
  /** Content of further files by path relative to the folder. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
}

const TREE_FILE = /^([^/]+)\.safetensors$/;

/** The file of a tree. */
export function treeFile(tree: string): string {
  return `${tree}.safetensors`;
}

/** The tree that a checkpoint's file holds; undefined for an asset. */
export function treeOf(file: string): string | undefined {
  return TREE_FILE.exec(file)?.[1];
}

/**
 * Writes a checkpoint's files into a folder, `checkpoint.json` last; all of them are on the disk afterwards.
 *
 * @throws TransfusionError `invalid-argument` for an asset whose path leads out of the folder or is taken
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
    const digest = createDigest();
    await writeSafetensors(join(folder, treeFile(tree)), tensors, { onBytes: digest.update });
    files[treeFile(tree)] = digest.digest();
  }
  for (const [path, content] of Object.entries(assets)) {
    checkAssetPath(path);
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeSynced(join(folder, path), content);
    files[path] = { bytes: content.length, sha256: sha256Of(content) };
    for (let above = dirname(path); above !== '.'; above = dirname(above)) folders.add(above);
  }
  await writeSynced(join(folder, MANIFEST_FILE), encodeManifest(info, files));
  for (const written of [...folders, '.']) await syncFolder(join(folder, written));
}

function checkAssetPath(path: string): void {
  if (isSafePath(path) && path !== MANIFEST_FILE && treeOf(path) === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `assets: '${path}' is no path for a file of a checkpoint, expected a relative one with forward slashes, ` +
      `other than ${MANIFEST_FILE} and, at the top, *.safetensors. Put it into a folder of its own.`,
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

/** Makes what happened in a folder last through a power failure. Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
