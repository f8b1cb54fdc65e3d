import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { captioned, chooseCaption } from './caption.js';
import { readWhole, toText } from './dataset-files.js';
import { decodeFile, soleDecoder, type Decoders } from './decoders.js';
import { indexedSource } from './indexed-source.js';
import { badFile } from './record-errors.js';

/** The names that image files end in. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  'png',
  'jpg',
  'jpeg',
  'webp',
  'gif',
  'tif',
  'tiff',
  'avif',
  'svg',
];

/** Which files {@link imageFolder} reads, and how. */
export interface ImageFolderOptions {
  /** One decoder; its name is the modality of the files. */
  readonly decode: Decoders;
  /** What the files end in, in lower case; images by default. */
  readonly extensions?: readonly string[];
}

/**
 * Images with captions beside them: `cats/1.png` with `cats/1.txt`, in a folder and all below it,
 * in the order of their paths. Each line of a caption file is a caption; one is chosen at each
 * reading. Names that begin with a dot are passed over, and links to folders not followed.
 *
 * @throws TransfusionError `invalid-file` if the folder cannot be read, or holds no such file
 */
export async function imageFolder(
  directory: string,
  { decode, extensions = IMAGE_EXTENSIONS }: ImageFolderOptions,
): Promise<DocumentSource> {
  const { modality, decode: decoder } = soleDecoder(decode, 'imageFolder');
  const isWanted = (path: string): boolean => extensions.includes(extname(path).slice(1).toLowerCase());
  const paths = (await filesBelow(directory)).filter(isWanted);
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
      return captioned(caption, modality, await decodeFile(decoder, await readWhole(path, path), path));
    },
  });
}

async function filesBelow(directory: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [directory];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      if (entry.name.startsWith('.')) continue;
      (entry.isDirectory() ? folders : found).push(join(folder, entry.name));
    }
  }
  // By code units, not by the user's language: the order must be the same on every machine.
  return found.sort();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw badFile(folder, cause);
  }
}
