import { dirname, extname, join, relative, resolve } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { captionedSegments, chooseCaption } from './caption.js';
import { decodeUtf8 } from './decode-text.js';
import { isMetadataFile, readMetadata, type MetadataRow } from './file-metadata.js';
import { decodeFile, requireMedia, type FileModality } from './file-modality.js';
import { indexedSource } from './indexed-source.js';
import { listFiles } from './list-files.js';
import { pathInside } from './path-inside.js';
import { readWholeFile } from './read-file.js';

/** Options of {@link captionedFolder}. */
export interface CaptionedFolderOptions {
  /** Modality of the captioned files; its `media` gives their extensions and decodes them. */
  readonly modality: FileModality;
}

/** A captioned file; a row of a table that names none is reported when it is read. */
interface CaptionedFile {
  readonly location: string;
  readonly path?: string;
  /** Returns the file's name in the folder, and its captions. */
  read(): Promise<{ readonly name: string; readonly captions: unknown; readonly source: string }>;
}

/**
 * Reads files with captions beside them (`cats/1.png` with `cats/1.txt`), in a folder and its subfolders, sorted by
 * path. Each line of a caption file is a caption; one is chosen on each read. Names that begin with a dot and links to
 * folders are ignored, and only files inside the folder are read, also through links.
 *
 * A table `metadata.jsonl` or `metadata.csv`, as in Hugging Face's image folders, gives the captions of the files
 * that it names: `file_name` (relative to the table), and `text` or `caption`, which may be a list.
 *
 * @throws TransfusionError `invalid-file` if the folder cannot be read, or has no such file, `invalid-argument` for
 *   a modality without media
 */
export async function captionedFolder(
  directory: string,
  { modality }: CaptionedFolderOptions,
): Promise<DocumentSource> {
  const media = requireMedia(modality, 'captionedFolder');
  const paths = await listFiles(directory);
  const tables = paths.filter(isMetadataFile);
  const rows = (await Promise.all(tables.map((table) => readTable(directory, table)))).flat();
  const named = new Set(rows.map(({ path }) => path));
  const files = paths
    .filter((path) => media.extensions.includes(extname(path).toLowerCase()) && !named.has(resolve(path)))
    .map((path) => withTextFile(directory, path));
  return captionedFiles(directory, directory, modality, [...files, ...rows], tables);
}

/**
 * Reads the files that a table names, as {@link captionedFolder} does.
 *
 * @param table path of a `.jsonl` or `.csv` file, in whose folder they are
 * @throws TransfusionError `invalid-file` if it cannot be read, or is empty, `invalid-argument` for a modality without
 *   media
 */
export async function fileTable(
  table: string,
  { modality }: CaptionedFolderOptions,
): Promise<DocumentSource> {
  const directory = dirname(table);
  return captionedFiles(table, directory, modality, await readTable(directory, table), [table]);
}

function captionedFiles(
  name: string,
  directory: string,
  modality: FileModality,
  files: readonly CaptionedFile[],
  tables: readonly string[],
): DocumentSource {
  const media = requireMedia(modality, 'captionedFolder');
  return indexedSource({
    name,
    length: files.length,
    locate: (i) => files[i].location,
    files: () => [...files.flatMap(({ path }) => path ?? []), ...tables],
    readSegments: async (i, rng, { without } = {}) => {
      const file = await files[i].read();
      const caption = chooseCaption(file.captions, rng, file.source);
      if (without === modality.name) return captionedSegments(caption, modality.name, undefined);
      const path = join(directory, file.name);
      const bytes = await readWholeFile(await pathInside(directory, file.name), path);
      return captionedSegments(caption, modality.name, await decodeFile(media.decode, bytes, path));
    },
  });
}

function withTextFile(directory: string, path: string): CaptionedFile {
  return {
    location: path,
    path,
    read: async () => {
      const captionPath = `${path.slice(0, -extname(path).length)}.txt`;
      const bytes = await readWholeFile(
        await pathInside(directory, relative(directory, captionPath)),
        captionPath,
      );
      const source = `'${captionPath}'`;
      return { name: relative(directory, path), captions: decodeUtf8(bytes, source).split('\n'), source };
    },
  };
}

async function readTable(directory: string, table: string): Promise<CaptionedFile[]> {
  const inside = relative(directory, dirname(table));
  return (await readMetadata(table)).map((row) => ({
    location: row.location,
    path: pathOf(row, dirname(table)),
    read: async () => {
      const { fileName, captions } = row.read();
      return { name: join(inside, fileName), captions, source: 'the caption' };
    },
  }));
}

/** Undefined for a row that names no file. */
function pathOf(row: MetadataRow, directory: string): string | undefined {
  try {
    return resolve(directory, row.read().fileName);
  } catch {
    return undefined;
  }
}
