/** Data of a task: files that the user has, by the names of the data set's parts. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { readRows } from '@transfusion/data';
import { preprocessings } from './preprocessings.js';
import type { TaskConfig } from './task-config.js';
import type { TaskDocument } from './template.js';

/** A document, with its place for messages. */
export interface PlacedDocument {
  readonly document: TaskDocument;
  /** Such as `rows.jsonl, document 3`. */
  readonly where: string;
}

/** Data files of a task, by the names of the data set's parts. */
export type DataFiles = Readonly<Record<string, string | readonly string[]>>;

/**
 * Returns the files of a part.
 *
 * @param dataFiles take the place of those that the task names
 * @throws TransfusionError `not-found` if there are none
 */
export function filesOf(
  { file, datasetPath, dataFiles: own }: TaskConfig,
  split: string,
  dataFiles: DataFiles,
): readonly string[] {
  const given = dataFiles[split];
  if (given !== undefined) return typeof given === 'string' ? [given] : given;
  const named = own[split];
  if (named !== undefined) return named.map((path) => resolve(dirname(file), path));
  throw new TransfusionError(
    'not-found',
    `${file}: there are no files of '${split}' (dataset_path is '${datasetPath}'), and nothing is downloaded. Pass dataFiles: { ${split}: 'rows.jsonl' }, or name them in dataset_kwargs.data_files.`,
  );
}

/** Reads the documents of files, in order, preprocessed as the task says. */
export async function* readDocuments(
  { preprocess }: TaskConfig,
  paths: readonly string[],
): AsyncGenerator<PlacedDocument, void> {
  for (const path of paths) {
    let number = 0;
    for await (const row of readRows(path)) {
      const where = `${basename(path)}, document ${number++}`;
      yield { document: preprocess === undefined ? row : preprocessings[preprocess](row, where), where };
    }
  }
}

/** Hashes the contents of files (SHA-256, the first 16 hex digits). */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths)
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex').slice(0, 16);
}
