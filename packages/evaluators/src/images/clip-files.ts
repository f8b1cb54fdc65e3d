/** Reads the files of a CLIP in Hugging Face's layout, besides its networks. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { TransfusionError } from '@transfusion/errors';
import type { PixelFormat } from './image-tensor.js';

/** Contents of preprocessor_config.json: sides after resizing and cropping, and the normalization. */
export interface ClipPixels extends PixelFormat {
  /** Length of the shorter side after resizing, before the crop; absent if images are resized to the crop's size. */
  readonly shortestEdge?: number;
}

/** Ids of a text, with its start and end. */
export type EncodeText = (text: string) => readonly number[];

/** Length of CLIP's texts, unless tokenizer_config.json says otherwise. */
const MAX_TOKENS = 77;
/** Pillow's number of the bicubic filter. */
const BICUBIC = 3;

/**
 * Reads preprocessor_config.json.
 *
 * @throws TransfusionError `not-found` for a missing file, `invalid-file` for a field that is missing or not supported
 */
export async function readClipPixels(folder: string): Promise<ClipPixels> {
  const path = join(folder, 'preprocessor_config.json');
  const config = await readJson(path);
  if ((config['resample'] ?? BICUBIC) !== BICUBIC) {
    throw invalid(path, `resample is ${String(config['resample'])}, expected ${BICUBIC} (bicubic)`);
  }
  const size = config['size'] as Sides | undefined;
  const shortestEdge = typeof size === 'object' ? size.shortest_edge : size;
  const crop = (config['do_center_crop'] === false ? undefined : config['crop_size']) as Sides | undefined;
  const [height, width] = sidesOf(crop) ?? sidesOf(size) ?? [];
  const [mean, std] = [config['image_mean'], config['image_std']] as (number[] | undefined)[];
  if (height === undefined || width === undefined) throw invalid(path, 'found no crop_size and no size');
  if (mean?.length !== 3 || std?.length !== 3) {
    throw invalid(path, 'image_mean and image_std are not three numbers each');
  }
  if (shortestEdge !== undefined && shortestEdge < Math.max(height, width)) {
    throw invalid(path, `crop_size is ${height} × ${width}, expected at most size (${shortestEdge})`);
  }
  return { width, height, layout: 'NCHW', mean, std, shortestEdge };
}

/**
 * Reads tokenizer.json, and the maximum length from tokenizer_config.json if there is one.
 *
 * @throws TransfusionError `not-found` for a missing file, `invalid-file` for one that is no tokenizer
 */
export async function readClipTokenizer(folder: string): Promise<EncodeText> {
  const path = join(folder, 'tokenizer.json');
  const configPath = join(folder, 'tokenizer_config.json');
  const json = await readJson(path);
  const config = (await exists(configPath)) ? await readJson(configPath) : {};
  const length = Number(config['model_max_length'] ?? MAX_TOKENS);
  // Tokenizers without a limit have 1e30 here.
  const maxTokens = Number.isSafeInteger(length) && length > 1 ? length : MAX_TOKENS;
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(json, config);
  } catch (cause) {
    throw invalid(path, `cannot be loaded (${(cause as Error).message})`, cause);
  }
  return (text) => {
    const { ids } = tokenizer.encode(text);
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids[ids.length - 1]];
  };
}

/** Returns true if a file can be read. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

type Sides = number | { readonly height?: number; readonly width?: number; readonly shortest_edge?: number };

function sidesOf(sides: Sides | undefined): readonly number[] | undefined {
  if (typeof sides === 'number') return [sides, sides];
  return sides?.height === undefined || sides.width === undefined ? undefined : [sides.height, sides.width];
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TransfusionError(
      'not-found',
      `${path}: cannot be read (${code}). Expected a CLIP as Hugging Face Optimum or transformers.js store it.`,
      { cause },
    );
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw invalid(path, `is not JSON (${(cause as Error).message})`, cause);
  }
}

function invalid(path: string, problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError('invalid-file', `${path}: ${problem}. Export the model again.`, { cause });
}
