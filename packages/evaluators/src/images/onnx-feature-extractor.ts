/** Features of images by any network in an ONNX file. */
import { basename } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import type { ExecutionProvider } from '@transfusion/tfjs-backend-onnxruntime';
import { findPort, openNetwork, runToVectors } from '../onnx/vector-network.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { checkImages, imageTensor, type PixelFormat } from './image-tensor.js';
import { checkFilter, resampleImage, type ResizeFilter } from './resample-image.js';

/** Form of a network's input. The defaults are those of InceptionV3: 299 × 299 pixels from -1 to 1, channels first. */
export interface FeatureInput {
  /** Name in the file; may be left out if it has one input. */
  readonly name?: string;
  /** Side of the images in pixels; defaults to 299. */
  readonly size?: number;
  /** Defaults to `NCHW`. */
  readonly layout?: PixelFormat['layout'];
  /** By channel, of values from 0 to 1; defaults to 0.5. */
  readonly mean?: readonly number[];
  /** By channel; defaults to 0.5. */
  readonly std?: readonly number[];
}

/** Options of {@link onnxFeatureExtractor}. */
export interface OnnxFeatureExtractorOptions {
  readonly path: string;
  readonly input?: FeatureInput;
  /** Name of the output [N, D]; may be left out if the file has one. */
  readonly output?: string;
  /** Number of features that the network must have, if it matters. */
  readonly numFeatures?: number;
  /** Defaults to `clean-bicubic`. */
  readonly resizeFilter?: ResizeFilter;
  /** Images per forward pass; defaults to 8, or what the file fixes. */
  readonly batchSize?: number;
  readonly executionProviders?: readonly ExecutionProvider[];
}

/** A feature network in an ONNX file. */
export interface OnnxFeatureExtractor extends FeatureExtractor {
  /** Frees the weights. */
  dispose(): void;
}

const HALF = [0.5, 0.5, 0.5];

/**
 * Opens a feature network. Its provenance is the file's name and SHA-256, and the resize filter.
 *
 * @throws TransfusionError `not-found` and `invalid-file` for the file, `invalid-argument` for options out of range.
 *   `extract` throws `invalid-argument` for values that are not images, `mismatch` for an output that is not one vector per
 *   image or has another number of features, `invalid-file` for features that are not finite
 */
export async function onnxFeatureExtractor({
  path,
  input: { name, size = 299, layout = 'NCHW', mean = HALF, std = HALF } = {},
  output,
  numFeatures,
  resizeFilter = 'clean-bicubic',
  batchSize = 8,
  executionProviders,
}: OnnxFeatureExtractorOptions): Promise<OnnxFeatureExtractor> {
  checkFilter('onnxFeatureExtractor', resizeFilter);
  checkNormalization(mean, std);
  checkCount('input.size', size);
  checkCount('batchSize', batchSize);
  const network = await openNetwork(path, executionProviders);
  const { model, hash } = network;
  const inputPort = findPort(path, 'input', model.inputs, name === undefined ? [] : [name]);
  const outputPort = findPort(path, 'output', model.outputs, output === undefined ? [] : [output]);
  const fixedBatch = typeof inputPort.shape[0] === 'number' ? inputPort.shape[0] : undefined;
  const format: PixelFormat = { width: size, height: size, layout, mean, std };
  const black = new Float32Array(size * size * 3);

  const ofBatch = async (images: readonly RgbImage[]): Promise<Float32Array[]> => {
    const pixels = images.map((image) => resampleImage(image, size, size, resizeFilter));
    while (pixels.length < (fixedBatch ?? 0)) pixels.push(black);
    const feeds = { [inputPort.name]: imageTensor(pixels, format) };
    const vectors = await runToVectors(network, feeds, outputPort.name, pixels.length);
    const D = vectors[0].length;
    if (numFeatures !== undefined && D !== numFeatures) {
      throw new TransfusionError(
        'mismatch',
        `${path}: the output '${outputPort.name}' has ${D} features, expected ${numFeatures}. Name another output, or use the network of the reference.`,
      );
    }
    return vectors.slice(0, images.length);
  };

  return {
    provenance: { features: basename(path), featuresSha256: hash, resizeFilter },
    extract: async (images) => {
      checkImages(path, images);
      const features: Float32Array[] = [];
      const step = fixedBatch ?? batchSize;
      for (let start = 0; start < images.length; start += step) {
        features.push(...(await ofBatch(images.slice(start, start + step))));
      }
      return features;
    },
    dispose: () => model.dispose(),
  };
}

function checkNormalization(mean: readonly number[], std: readonly number[]): void {
  for (const [name, values] of Object.entries({ mean, std })) {
    const isValid =
      values.length === 3 &&
      values.every((value) => Number.isFinite(value) && (name === 'mean' || value > 0));
    if (isValid) continue;
    throw new TransfusionError(
      'invalid-argument',
      `onnxFeatureExtractor: input.${name} is [${values.join(', ')}], expected three ${name === 'std' ? 'positive ' : ''}numbers, one per channel.`,
    );
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `onnxFeatureExtractor: ${name} is ${value}, expected a positive integer.`,
  );
}
