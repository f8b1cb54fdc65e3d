/** Images as tokens, predicted one at a time like text: the images of Chameleon (Chameleon Team 2024). */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type {
  AssetReader,
  Assets,
  DiscreteModality,
  ModalityFactory,
  PluginConfig,
} from '@transfusion/modality';
import { disposeParams } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { fingerprint } from '../autoencoder/fingerprint.js';
import { imageMedia } from '../image-media.js';
import { isPositiveInteger } from '../is-positive-integer.js';
import { pixelCodec } from '../pixel-codec.js';
import { isRgbImage, type RgbImage } from '../rgb-image.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import {
  decodeVqAutoencoder,
  encodeVqAutoencoder,
  type TrainedVqAutoencoder,
} from './vq-autoencoder-files.js';

/**
 * Parts of {@link imageTokens}: a trained VQ autoencoder, whose `params` the modality takes over (its `dispose` frees
 * them).
 */
export interface ImageTokensOptions<Name extends string = 'image'> extends TrainedVqAutoencoder {
  /** Defaults to `image`. */
  readonly name?: Name;
  /** h and w: an image is scaled and cropped to h · factor × w · factor pixels, and becomes h · w tokens. */
  readonly gridSize: readonly [height: number, width: number];
}

/** `type` of the modality's config and of its factory. */
const TYPE = 'image-tokens';

/** Images as a modality of tokens. */
export interface ImageTokens<Name extends string = 'image'> extends DiscreteModality<Name, RgbImage> {
  readonly gridSize: readonly [height: number, width: number];
  readonly tokensPerValue: number;
  readonly config: PluginConfig;
  assets(): Promise<Assets>;
  dispose(): void;
  encode(value: RgbImage): Promise<Int32Array>;
  decode(ids: Int32Array): Promise<RgbImage>;
}

/** Middle gray of the positions for which a model has generated no token. */
const BLANK = 128;

/**
 * Makes the modality of images as the entries of a VQ autoencoder's codebook, row by row from the top left. The
 * sequence has no markers around them: their ids tell them from text, and their number where one ends. `decode` reads
 * the first h · w ids; with fewer the rest of the image is gray. It throws TransfusionError `mismatch` for ids that the
 * codebook does not have. {@link imageTokensFactory} rebuilds the modality from its `config` and `assets`.
 *
 * @throws TransfusionError `invalid-argument` for a grid whose sides are no positive integers
 */
export async function imageTokens<const Name extends string = 'image'>({
  name = 'image' as Name,
  autoencoder,
  params,
  gridSize,
}: ImageTokensOptions<Name>): Promise<ImageTokens<Name>> {
  const [h, w] = gridSize;
  if (!isGridSize([h, w])) {
    throw new TransfusionError(
      'invalid-argument',
      `imageTokens: gridSize is [${gridSize.join(', ')}], expected two positive integers.`,
    );
  }
  const { factor, config } = autoencoder;
  const imageShape = [h * factor, w * factor, 3] as const;
  const pixels = pixelCodec([imageShape]);
  const toIds = jit((images: tf.Tensor4D) =>
    nearestCodes(params.codebook, autoencoder.encode(params, images)),
  );
  const toImages = jit((ids: tf.Tensor3D) =>
    autoencoder.decode(params, lookUpCodes(params.codebook, ids) as tf.Tensor4D),
  );
  // A data set that keeps its images gives the same one at each reading.
  const known = new WeakMap<RgbImage, Int32Array>();
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    id: `vq ${h}x${w} ${await fingerprint(config, params)}`,
    config: { type: TYPE, gridSize },
    vocabSize: config.codebookSize,
    tokensPerValue: h * w,
    gridSize,
    accepts: isRgbImage,
    media: imageMedia(),
    assets: () => encodeVqAutoencoder({ autoencoder, params }),
    encode: async (image) => {
      const before = known.get(image);
      if (before !== undefined) return before.slice();
      const [{ data }] = await pixels.encode([image]);
      const ids = Int32Array.from(await outputOf(toIds, tf.tensor4d(data, [1, ...imageShape])));
      known.set(image, ids);
      return ids.slice();
    },
    decode: async (ids) => {
      checkIds(ids, config.codebookSize, name);
      const grid = new Int32Array(h * w);
      grid.set(ids.subarray(0, h * w));
      const data = await outputOf(toImages, tf.tensor3d(grid, [1, h, w], 'int32'));
      const [image] = await pixels.decode([{ shape: imageShape, data: Float32Array.from(data) }]);
      return blankFrom(image, ids.length, w, factor);
    },
    dispose: () => {
      toIds.dispose();
      toImages.dispose();
      disposeParams(params);
    },
  };
}

/**
 * Makes the factory that rebuilds the modality of {@link imageTokens}, on the active engine, with the same `id`. Its
 * `create` throws TransfusionError `invalid-file` or `mismatch` for a config or files of something else.
 */
export function imageTokensFactory(): ModalityFactory {
  return { type: TYPE, create: createImageTokens };
}

async function createImageTokens(
  { gridSize }: PluginConfig,
  assets: AssetReader,
  name: string,
): Promise<ImageTokens<string>> {
  if (!isGridSize(gridSize)) {
    throw new TransfusionError(
      'invalid-file',
      `${name}: config.gridSize is ${JSON.stringify(gridSize)}, expected two positive integers. ` +
        'Load a checkpoint of image tokens.',
    );
  }
  const trained = await decodeVqAutoencoder(assets);
  try {
    return await imageTokens({ ...trained, name, gridSize });
  } catch (error) {
    disposeParams(trained.params);
    throw error;
  }
}

function isGridSize(value: unknown): value is readonly [height: number, width: number] {
  return Array.isArray(value) && value.length === 2 && value.every(isPositiveInteger);
}

async function outputOf<T extends tf.Tensor>(
  network: (x: T) => tf.Tensor,
  input: T,
): Promise<ArrayLike<number>> {
  const output = network(input);
  try {
    return await output.data();
  } finally {
    tf.dispose([input, output]);
  }
}

/** Blanks the positions from `count` on; a row has `columns` of them, `side` pixels wide and high. */
function blankFrom(image: RgbImage, count: number, columns: number, side: number): RgbImage {
  const { width } = image;
  const data = image.data.map((byte, i) => {
    const pixel = Math.floor(i / 3);
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    return Math.floor(y / side) * columns + Math.floor(x / side) < count ? byte : BLANK;
  });
  return { ...image, data };
}

function checkIds(ids: Int32Array, codebookSize: number, name: string): void {
  const wrong = ids.find((id) => id < 0 || id >= codebookSize);
  if (wrong === undefined) return;
  throw new TransfusionError(
    'mismatch',
    `${name}: ${wrong} is no entry of the codebook, expected 0 to ${codebookSize - 1}. ` +
      'Decode with the codebook of the model that wrote it.',
  );
}
