import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentSource } from '../document-source.js';
import { captionedSegments, chooseCaption } from './caption.js';
import { decodeUtf8, parseJson } from './decode-text.js';
import { decodeFile, requireMedia, type FileModality } from './file-modality.js';
import { indexedSource } from './indexed-source.js';
import { pathInside } from './path-inside.js';
import { readWholeFile } from './read-file.js';
import { badRecord, formatValue } from './record-errors.js';

/** Options of {@link cocoCaptions}. */
export interface CocoCaptionsOptions {
  /** Modality of the captioned files; its `media` decodes them. */
  readonly modality: FileModality;
}

/** A file listed under `images`, and its captions. They are checked when the record is read. */
interface CaptionedImage {
  readonly location: string;
  fileName?: unknown;
  readonly captions: unknown[];
}

/**
 * Reads the captions of MS-COCO (`captions_train2017.json`), or a file in the same format. A record is a file listed
 * under `images`; one of its captions is chosen on each read.
 *
 * @throws TransfusionError `invalid-file` if the JSON file cannot be read, or has another format, `invalid-argument`
 *   for a modality without media
 */
export async function cocoCaptions(
  annotationsPath: string,
  directory: string,
  { modality }: CocoCaptionsOptions,
): Promise<DocumentSource> {
  const { decode } = requireMedia(modality, 'cocoCaptions');
  const images = groupCaptions(await readAnnotations(annotationsPath), annotationsPath);
  return indexedSource({
    name: annotationsPath,
    length: images.length,
    locate: (i) => images[i].location,
    files: () => [annotationsPath, ...images.map(({ fileName }) => join(directory, String(fileName)))],
    readSegments: async (i, rng) => {
      const { fileName, captions } = images[i];
      if (typeof fileName !== 'string' || fileName === '') {
        throw badRecord(
          `'file_name' is ${formatValue(fileName)}, expected the name of a file in '${directory}'.`,
        );
      }
      if (captions.length === 0) throw badRecord('has no caption. Add one, or remove the image.');
      const caption = chooseCaption(captions, rng);
      const name = join(directory, fileName);
      const bytes = await readWholeFile(await pathInside(directory, fileName), name);
      return captionedSegments(caption, modality.name, await decodeFile(decode, bytes, name));
    },
  });
}

interface Annotations {
  readonly images: readonly ({ id?: unknown; file_name?: unknown } | null)[];
  readonly annotations: readonly ({ image_id?: unknown; caption?: unknown } | null)[];
}

async function readAnnotations(path: string): Promise<Annotations> {
  const bytes = await readWholeFile(path, path);
  try {
    const content = parseJson(decodeUtf8(bytes, 'the file'), 'the file') as Partial<Annotations> | null;
    if (Array.isArray(content?.images) && Array.isArray(content.annotations)) return content as Annotations;
    throw badRecord('has no lists of images and annotations, expected {"images": […], "annotations": […]}.');
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Groups captions by image. Those of an image that is not listed form a record of their own, to be reported. */
function groupCaptions({ images, annotations }: Annotations, path: string): CaptionedImage[] {
  const byId = new Map<unknown, CaptionedImage>();
  const imageOf = (id: unknown): CaptionedImage => {
    const known = byId.get(id) ?? { location: `${path}: image ${formatValue(id)}`, captions: [] };
    byId.set(id, known);
    return known;
  };
  for (const image of images) imageOf(image?.id).fileName = image?.file_name;
  for (const annotation of annotations) imageOf(annotation?.image_id).captions.push(annotation?.caption);
  return [...byId.values()];
}
