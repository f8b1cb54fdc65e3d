import { extname } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { captioned, chooseCaption } from './caption.js';
import { filesBelow, readWhole, toText } from './dataset-files.js';
import { decodeFile, mediaOf, type FileModality } from './file-modality.js';
import { indexedSource } from './indexed-source.js';

/** Options of {@link captionedFolder}. */
export interface CaptionedFolderOptions {
  /** The modality whose files have captions; its `media` finds and decodes them. */
  readonly modality: FileModality;
}

/**
 * Reads files with captions beside them (`cats/1.png` with `cats/1.txt`), in a folder and all below it, in the order
 * of their paths. Each line of a caption file is a caption; one is chosen at each reading. Names that begin with a
 * dot are ignored, and links to folders not followed.
 *
 * @throws TransfusionError `invalid-file` if the folder cannot be read, or holds no such file, `invalid-argument` for
 *   a modality without media
 */
export async function captionedFolder(
  directory: string,
  { modality }: CaptionedFolderOptions,
): Promise<DocumentSource> {
  const media = mediaOf(modality, 'captionedFolder');
  const paths = (await filesBelow(directory)).filter((path) =>
    media.extensions.includes(extname(path).toLowerCase()),
  );
  return indexedSource({
    name: directory,
    length: paths.length,
    locate: (i) => paths[i],
    files: () => paths,
    segments: async (i, rng) => {
      const path = paths[i];
      const captionPath = `${path.slice(0, -extname(path).length)}.txt`;
      const captions = toText(await readWhole(captionPath, captionPath), `'${captionPath}'`);
      const caption = chooseCaption(captions.split('\n'), rng, `'${captionPath}'`);
      const value = await decodeFile(media.decode, await readWhole(path, path), path);
      return captioned(caption, modality.name, value);
    },
  });
}
