import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentSource } from '../document-source.js';
import { captioned, chooseCaption } from './caption.js';
import { pathInside, readWhole, toJson, toText } from './dataset-files.js';
import { decodeFile, soleDecoder, type Decoders } from './decoders.js';
import { indexedSource } from './indexed-source.js';
import { badRecord, found } from './record-errors.js';

/** How the files of {@link cocoCaptions} are read. */
export interface CocoCaptionsOptions {
  /** One decoder; its name is the modality of the images. */
  readonly decode: Decoders;
}

/** An image and its captions, unchecked: what is wrong shows when the record is read. */
interface Image {
  readonly place: string;
  fileName?: unknown;
  readonly captions: unknown[];
}

/**
 * The captions of MS-COCO (`captions_train2017.json`) and of what is written like them. A record is
 * an image; one of its captions is chosen at each reading.
 *
 * @throws TransfusionError `invalid-file` if the JSON file cannot be read, or has not this form
 */
export async function cocoCaptions(
  annotationsPath: string,
  imageDirectory: string,
  { decode }: CocoCaptionsOptions,
): Promise<DocumentSource> {
  const { modality, decode: decoder } = soleDecoder(decode, 'cocoCaptions');
  const images = imagesOf(await readAnnotations(annotationsPath), annotationsPath);
  return indexedSource({
    name: annotationsPath,
    length: images.length,
    locate: (i) => images[i].place,
    files: () => [annotationsPath, ...images.map(({ fileName }) => join(imageDirectory, String(fileName)))],
    segments: async (i, rng) => {
      const { fileName, captions } = images[i];
      if (typeof fileName !== 'string' || fileName === '') {
        throw badRecord(
          `'file_name' is ${found(fileName)}, expected the name of a file in '${imageDirectory}'.`,
        );
      }
      if (captions.length === 0) throw badRecord('has no caption. Add one, or leave the image out.');
      const caption = chooseCaption(captions, rng);
      const name = join(imageDirectory, fileName);
      const bytes = await readWhole(pathInside(imageDirectory, fileName), name);
      return captioned(caption, modality, await decodeFile(decoder, bytes, name));
    },
  });
}

interface Annotations {
  readonly images: readonly ({ id?: unknown; file_name?: unknown } | null)[];
  readonly annotations: readonly ({ image_id?: unknown; caption?: unknown } | null)[];
}

async function readAnnotations(path: string): Promise<Annotations> {
  const bytes = await readWhole(path, path);
  try {
    const content = toJson(toText(bytes, 'the file'), 'the file') as Partial<Annotations> | null;
    if (Array.isArray(content?.images) && Array.isArray(content.annotations)) return content as Annotations;
    throw badRecord('has no lists of images and annotations, expected {"images": […], "annotations": […]}.');
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Captions of an image that is not listed make a record of their own, so that they are reported. */
function imagesOf({ images, annotations }: Annotations, path: string): Image[] {
  const byId = new Map<unknown, Image>();
  const imageOf = (id: unknown): Image => {
    const known = byId.get(id) ?? { place: `${path}: image ${found(id)}`, captions: [] };
    byId.set(id, known);
    return known;
  };
  for (const image of images) imageOf(image?.id).fileName = image?.file_name;
  for (const annotation of annotations) imageOf(annotation?.image_id).captions.push(annotation?.caption);
  return [...byId.values()];
}
