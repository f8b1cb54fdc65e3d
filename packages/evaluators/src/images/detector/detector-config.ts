/** Config files of an exported detector, and the size that its images get. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';

/** Contents of `config.json` and `preprocessor_config.json`. */
export interface DetectorConfig {
  /** Names of the classes; the network has one more, for no object. */
  readonly labels: readonly string[];
  readonly size: DetectorSize;
  /** Sides are rounded down to a multiple of this. */
  readonly multipleOf: number;
  /** Channels become (value · scale - mean) / std. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A fixed size, or the lengths that sides are scaled to, with the aspect ratio kept. */
export type DetectorSize =
  | { readonly height: number; readonly width: number }
  | { readonly shortestEdge: number; readonly longestEdge: number };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the config files of a folder.
 *
 * @throws TransfusionError `invalid-file`, with file and field
 */
export async function readDetectorConfig(folder: string): Promise<DetectorConfig> {
  const path = join(folder, 'config.json');
  const config = await readJson(path);
  const processorPath = join(folder, 'preprocessor_config.json');
  const processor = await readJson(processorPath);
  const isNormalized = processor['do_normalize'] !== false;
  return {
    labels: readLabels(path, config['id2label']),
    size: readSize(processorPath, processor),
    // YolosImageProcessor alone does so.
    multipleOf: config['model_type'] === 'yolos' ? 16 : 1,
    scale: processor['do_rescale'] === false ? 1 : readScale(processorPath, processor['rescale_factor']),
    mean: isNormalized ? readChannels(processorPath, processor, 'image_mean') : [0, 0, 0],
    std: isNormalized ? readChannels(processorPath, processor, 'image_std') : [1, 1, 1],
  };
}

/** Returns the size that an image is scaled to, as transformers' DetrImageProcessor and YolosImageProcessor do. */
export function inputSize(
  { size, multipleOf }: Pick<DetectorConfig, 'size' | 'multipleOf'>,
  width: number,
  height: number,
): { readonly width: number; readonly height: number } {
  if ('height' in size) return { width: size.width, height: size.height };
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const isLimited = (long / short) * size.shortestEdge > size.longestEdge;
  const exact = isLimited ? (size.longestEdge * short) / long : size.shortestEdge;
  // Python's round, to the even of two integers that are equally close.
  const edge = exact % 1 === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact);
  const rounded = (length: number): number => Math.max(multipleOf, length - (length % multipleOf));
  const other = Math.trunc((exact * long) / short);
  return width < height
    ? { width: rounded(edge), height: rounded(other) }
    : { width: rounded(other), height: rounded(edge) };
}

async function readJson(path: string): Promise<Fields> {
  let problem: string;
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (typeof value === 'object' && value !== null) return value as Fields;
    problem = 'is not a JSON object';
  } catch (error) {
    problem = `cannot be read (${(error as Error).message})`;
  }
  throw invalid(path, problem, 'what transformers saves with a detector');
}

function readLabels(path: string, value: unknown): readonly string[] {
  const labels = Object.entries((value ?? {}) as Fields);
  const names = labels.map((_, i) => (value as Fields)[String(i)]);
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names;
  throw invalid(path, `id2label is ${JSON.stringify(value)}`, 'a name for each of 0, 1, …');
}

function readSize(path: string, { size, max_size: maxSize }: Fields): DetectorSize {
  const fields = (typeof size === 'number' ? { shortest_edge: size, longest_edge: maxSize } : size) as Fields;
  const read = (name: string): number | undefined => {
    const value = fields?.[name];
    return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
  };
  const [height, width] = [read('height'), read('width')];
  if (height !== undefined && width !== undefined) return { height, width };
  const [shortestEdge, longestEdge] = [read('shortest_edge'), read('longest_edge')];
  if (shortestEdge !== undefined && longestEdge !== undefined) return { shortestEdge, longestEdge };
  const expected = '{ shortest_edge, longest_edge } or { height, width } in pixels';
  throw invalid(path, `size is ${JSON.stringify(size)}`, expected);
}

function readScale(path: string, value: unknown): number {
  if (value === undefined) return 1 / 255;
  if (typeof value === 'number' && value > 0) return value;
  throw invalid(path, `rescale_factor is ${JSON.stringify(value)}`, 'a number above 0');
}

function readChannels(path: string, fields: Fields, name: string): readonly number[] {
  const value = fields[name];
  const isRight = (n: unknown): boolean => Number.isFinite(n) && (name === 'image_mean' || (n as number) > 0);
  if (Array.isArray(value) && value.length === 3 && value.every(isRight)) return value as number[];
  throw invalid(path, `${name} is ${JSON.stringify(value)}`, 'a number per channel, for three channels');
}

function invalid(path: string, problem: string, expected: string): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}: ${problem}, expected ${expected}. Copy it from the folder of the exported model.`,
  );
}
