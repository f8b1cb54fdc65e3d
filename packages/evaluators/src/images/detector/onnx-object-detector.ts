/**
 * A detector in ONNX. Reads a folder of DETR, YOLOS or Table Transformer, exported with Hugging Face Optimum
 * (`optimum-cli export onnx --task object-detection`):
 *
 *     model.onnx                  pixel_values [1, 3, H, W] (and pixel_mask, in some exports) ->
 *                                 logits [1, N, labels + 1], pred_boxes [1, N, 4] (center and size, from 0 to 1)
 *     config.json                 id2label
 *     preprocessor_config.json    size, image_mean, image_std
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import {
  openOnnxModel,
  type ExecutionProvider,
  type OnnxModel,
  type OnnxTensor,
} from '@transfusion/tfjs-backend-onnxruntime';
import type { DetectedObject, ObjectDetector } from '../../geneval/detected-object.js';
import { inputSize, readDetectorConfig, type DetectorConfig } from './detector-config.js';
import { pillowResize } from './pillow-resize.js';

/** Options of {@link onnxObjectDetector}. */
export interface OnnxObjectDetectorOptions {
  /** Other names of classes, by their labels: `{ mouse: 'computer mouse' }`. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Tried in order for each operator. Defaults to `['cpu']`. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/** A detector of images that holds weights. */
export interface OnnxObjectDetector extends ObjectDetector<RgbImage> {
  readonly classes: readonly string[];
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Opens a detector. Images are resized like Pillow does (bilinear); an object per query is returned, with the most likely
 * class, its probability, and its box in pixels of the original image.
 *
 * @throws TransfusionError `invalid-file` if a file is missing, a field is wrong, or inputs and outputs have other names;
 *   `mismatch`, by `detect`, for outputs of other shapes; `invalid-argument`, by `detect`, for a value that is no image
 */
export async function onnxObjectDetector(
  folder: string,
  { rename = {}, executionProviders }: OnnxObjectDetectorOptions = {},
): Promise<OnnxObjectDetector> {
  const path = join(folder, 'model.onnx');
  const config = await readDetectorConfig(folder);
  const hash = await hashFile(path);
  const model = await openOnnxModel(path, { executionProviders });
  checkPorts(path, model);
  const names = config.labels.map((label) => (Object.hasOwn(rename, label) ? rename[label] : label));
  return {
    id: `${config.labels.length} classes, ${basename(folder)}/model.onnx, sha256 ${hash}`,
    classes: names,
    dispose: () => model.dispose(),
    detect: async (image) => {
      if (!isRgbImage(image)) {
        throw new TransfusionError(
          'invalid-argument',
          `${path}: found a value of type ${typeof image}, expected an RgbImage. Detect objects of images.`,
        );
      }
      const { logits, pred_boxes: boxes } = await model.run(feeds(model, config, image), [
        'logits',
        'pred_boxes',
      ]);
      return objects(path, names, image, checkOutput(path, logits), checkOutput(path, boxes));
    },
  };
}

function feeds(model: OnnxModel, config: DetectorConfig, image: RgbImage): Record<string, OnnxTensor> {
  const isFixed = (length: number | string | undefined): length is number =>
    typeof length === 'number' && length > 0;
  const shape = model.inputs.find(({ name }) => name === 'pixel_values')!.shape;
  const size = inputSize(config, image.width, image.height);
  const height = isFixed(shape[2]) ? shape[2] : size.height;
  const width = isFixed(shape[3]) ? shape[3] : size.width;
  const pixels = pillowResize(image, width, height).data;
  const area = width * height;
  const { scale, mean, std } = config;
  const data = Float32Array.from({ length: 3 * area }, (_, i) => {
    const channel = Math.floor(i / area);
    return (pixels[(i % area) * 3 + channel] * scale - mean[channel]) / std[channel];
  });
  const values = { dtype: 'float32', shape: [1, 3, height, width], data } as const;
  const mask = model.inputs.find(({ name }) => name === 'pixel_mask');
  if (mask === undefined) return { pixel_values: values };
  const sides = [height, width].map((length, i) => {
    const fixed = mask.shape[i + 1];
    return isFixed(fixed) ? fixed : length;
  });
  const ones = new BigInt64Array(sides[0] * sides[1]).fill(1n);
  return { pixel_values: values, pixel_mask: { dtype: 'int64', shape: [1, ...sides], data: ones } };
}

function objects(
  path: string,
  names: readonly string[],
  image: RgbImage,
  logits: Output,
  boxes: Output,
): DetectedObject[] {
  const [, N, numLogits] = logits.shape;
  const numClasses = names.length;
  const isRight = numLogits === numClasses + 1 && boxes.shape[1] === N && boxes.shape[2] === 4;
  if (!isRight) {
    throw new TransfusionError(
      'mismatch',
      `${path}: returns logits [${logits.shape.join(', ')}] and pred_boxes [${boxes.shape.join(', ')}], expected ` +
        `[1, N, ${numClasses + 1}] (config.json has ${numClasses} labels, and one is for no object) and [1, N, 4]. ` +
        'Use the files of one export of DETR or YOLOS.',
    );
  }
  return Array.from({ length: N }, (_, i) => {
    const row = logits.data.subarray(i * numLogits, (i + 1) * numLogits);
    const best = row.subarray(0, numClasses).reduce((at, value, k) => (value > row[at] ? k : at), 0);
    const sum = row.reduce((total, value) => total + Math.exp(value - row[best]), 0);
    const [x, y, width, height] = boxes.data.subarray(i * 4, i * 4 + 4);
    const [left, right] = [x - width / 2, x + width / 2].map((value) => value * image.width);
    const [top, bottom] = [y - height / 2, y + height / 2].map((value) => value * image.height);
    return { class: names[best], score: 1 / sum, box: [left, top, right, bottom] };
  });
}

type Output = { readonly shape: readonly number[]; readonly data: Float32Array };

function checkOutput(path: string, { dtype, shape, data }: OnnxTensor): Output {
  if (dtype !== 'float32' || shape.length !== 3) {
    throw new TransfusionError(
      'mismatch',
      `${path}: an output is ${dtype} [${shape.join(', ')}], expected float32 with three axes. Export a detector in full precision.`,
    );
  }
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return { shape, data };
  throw new TransfusionError(
    'mismatch',
    `${path}: an output is ${data[index]} at index ${index} of ${data.length}, expected finite values. Export the detector again.`,
  );
}

function checkPorts(path: string, { inputs, outputs }: OnnxModel): void {
  const inputNames = inputs.map(({ name }) => name);
  const outputNames = outputs.map(({ name }) => name);
  const isRight =
    inputNames.includes('pixel_values') &&
    inputNames.every((name) => ['pixel_values', 'pixel_mask'].includes(name)) &&
    ['logits', 'pred_boxes'].every((name) => outputNames.includes(name));
  if (isRight) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: has the inputs ${inputNames.join(', ')} and the outputs ${outputNames.join(', ')}, expected pixel_values ` +
      '(and pixel_mask), and logits and pred_boxes. Export DETR or YOLOS (optimum-cli export onnx --task object-detection).',
  );
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${(cause as Error).message}). Expected a folder that Hugging Face Optimum exports.`,
      { cause },
    );
  }
  return hash.digest('hex').slice(0, 16);
}
