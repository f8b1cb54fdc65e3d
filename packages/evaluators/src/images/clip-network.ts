/**
 * A CLIP (Radford et al. 2021) in ONNX, in Hugging Face's layout:
 *
 *     onnx/vision_model.onnx, onnx/text_model.onnx    or both networks in onnx/model.onnx or model.onnx
 *     preprocessor_config.json, tokenizer.json
 */
import { basename, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import type { ExecutionProvider, OnnxTensor } from '@transfusion/tfjs-backend-onnxruntime';
import type { Provenance } from '../contract/evaluator.js';
import { findPort, openNetwork, runToVectors, type VectorNetwork } from '../onnx/vector-network.js';
import { exists, readClipPixels, readClipTokenizer, type ClipPixels } from './clip-files.js';
import { checkImages, imageTensor } from './image-tensor.js';
import { resampleImage } from './resample-image.js';

/** Similarity of images and texts. */
export interface Clip {
  /** Name of the folder, and SHA-256 of its networks. */
  readonly provenance: Provenance;
  /**
   * Computes the cosine of the embeddings of an image and a text, from -1 to 1.
   *
   * @throws TransfusionError `invalid-argument` for a value that is not an image; `mismatch` and `invalid-file` for
   *   networks whose outputs do not fit
   */
  similarity(image: RgbImage, text: string): Promise<number>;
  /** Frees the weights. */
  dispose(): void;
}

/** Options of {@link openClip}. */
export interface OpenClipOptions {
  readonly executionProviders?: readonly ExecutionProvider[];
}

/**
 * Opens a CLIP.
 *
 * @throws TransfusionError `not-found` for a missing file, `invalid-file` for one that is something else
 */
export async function openClip(folder: string, { executionProviders }: OpenClipOptions = {}): Promise<Clip> {
  const pixels = await readClipPixels(folder);
  const encode = await readClipTokenizer(folder);
  const paths = await networkPaths(folder);
  const networks = await Promise.all(paths.map((path) => openNetwork(path, executionProviders)));
  const [vision, text] = [networks[0], networks[networks.length - 1]];
  findPort(vision.path, 'input', vision.model.inputs, ['pixel_values']);
  findPort(vision.path, 'output', vision.model.outputs, ['image_embeds']);
  findPort(text.path, 'input', text.model.inputs, ['input_ids']);
  findPort(text.path, 'output', text.model.outputs, ['text_embeds']);
  return {
    provenance: {
      clip: basename(folder),
      ...Object.fromEntries(networks.map(({ path, hash }) => [`${basename(path, '.onnx')}Sha256`, hash])),
    },
    similarity: async (image, caption) => {
      checkImages(folder, [image]);
      const feeds = {
        pixel_values: imageTensor([clipPixels(image, pixels)], pixels),
        ...textTensors(encode(caption)),
      };
      const [ofImage] = await runToVectors(vision, fedInputs(vision, feeds), 'image_embeds', 1);
      const [ofText] = await runToVectors(text, fedInputs(text, feeds), 'text_embeds', 1);
      return cosine(folder, ofImage, ofText);
    },
    dispose: () => networks.forEach(({ model }) => model.dispose()),
  };
}

async function networkPaths(folder: string): Promise<readonly string[]> {
  const candidates = [
    [join(folder, 'onnx', 'vision_model.onnx'), join(folder, 'onnx', 'text_model.onnx')],
    [join(folder, 'onnx', 'model.onnx')],
    [join(folder, 'model.onnx')],
  ];
  for (const paths of candidates) {
    if ((await Promise.all(paths.map(exists))).every(Boolean)) return paths;
  }
  throw new TransfusionError(
    'not-found',
    `${folder}: found no networks, expected onnx/vision_model.onnx and onnx/text_model.onnx, or model.onnx. ` +
      'Export the model with Hugging Face Optimum.',
  );
}

/** Resizes the shorter side, and crops the center. */
function clipPixels(image: RgbImage, { width, height, shortestEdge }: ClipPixels): Float32Array {
  if (shortestEdge === undefined) return resampleImage(image, width, height, 'rounded-bicubic');
  const shorter = Math.min(image.width, image.height);
  const scaled = (side: number): number => Math.trunc((shortestEdge * side) / shorter);
  const [fullWidth, fullHeight] = [scaled(image.width), scaled(image.height)];
  const resized = resampleImage(image, fullWidth, fullHeight, 'rounded-bicubic');
  const left = Math.floor((fullWidth - width) / 2);
  const top = Math.floor((fullHeight - height) / 2);
  const cropped = new Float32Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const at = ((top + row) * fullWidth + left) * 3;
    cropped.set(resized.subarray(at, at + width * 3), row * width * 3);
  }
  return cropped;
}

function textTensors(ids: readonly number[]): Record<string, OnnxTensor> {
  const tensor = (values: readonly number[]): OnnxTensor => ({
    dtype: 'int64',
    shape: [1, values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  return { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) };
}

/** Keeps what a network has inputs for: either file may take less than the joint one. */
function fedInputs({ model }: VectorNetwork, feeds: Record<string, OnnxTensor>): Record<string, OnnxTensor> {
  return Object.fromEntries(
    Object.entries(feeds).filter(([name]) => model.inputs.some((input) => input.name === name)),
  );
}

function cosine(folder: string, a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new TransfusionError(
      'mismatch',
      `${folder}: image_embeds has ${a.length} elements and text_embeds ${b.length}, expected equal numbers. Use both networks of one model.`,
    );
  }
  let [product, squaresOfA, squaresOfB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squaresOfA += a[i] ** 2;
    squaresOfB += b[i] ** 2;
  }
  // Rows of zeros are similar to nothing.
  return squaresOfA * squaresOfB === 0 ? 0 : product / Math.sqrt(squaresOfA * squaresOfB);
}
