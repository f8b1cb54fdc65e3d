import { extname } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { captionedSegments, chooseCaption } from './caption.js';
import { decodeUtf8 } from './decode-text.js';
import { decodeFile, requireMedia, type FileModality } from './file-modality.js';
import { indexedSource } from './indexed-source.js';
import { listFiles } from './list-files.js';
import { readWholeFile } from './read-file.js';

/** Options of {@link captionedFolder}. */
export interface CaptionedFolderOptions {
  /** Modality of the captioned files; its `media` gives their extensions and decodes them. */
  readonly modality: FileModality;
}

/**
 * Reads files with captions beside them (`cats/1.png` with `cats/1.txt`), in a folder and its subfolders, sorted by
 * path. Each line of a caption file is a caption; one is chosen on each read. Names that begin with a dot and links to
 * folders are ignored.
 *
 * @throws TransfusionError `invalid-file` if the folder cannot be read, or has no such file, `invalid-argument` for
 *   a modality without media
 */
export async function captionedFolder(
  directory: string,
  { modality }: CaptionedFolderOptions,
): Promise<DocumentSource> {
  const media = requireMedia(modality, 'captionedFolder');
  const paths = (await listFiles(directory)).filter((path) =>
    media.extensions.includes(extname(path).toLowerCase()),
  );
  return indexedSource({
    name: directory,
    length: paths.length,
    locate: (i) => paths[i],
    files: () => paths,
    readSegments: async (i, rng) => {
      const path = paths[i];
      const captionPath = `${path.slice(0, -extname(path).length)}.txt`;
      const captions = decodeUtf8(await readWholeFile(captionPath, captionPath), `'${captionPath}'`);
      const caption = chooseCaption(captions.split('\n'), rng, `'${captionPath}'`);
      const value = await decodeFile(media.decode, await readWholeFile(path, path), path);
      return captionedSegments(caption, modality.name, value);
    },
  });
}
