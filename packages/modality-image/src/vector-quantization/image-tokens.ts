/** Images as discrete tokens, predicted one at a time like text (Chameleon Team 2024). */
import * as tf from '@transfusion/tfjs';
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
 * Options of {@link imageTokens}: a trained VQ autoencoder. The modality takes ownership of `params` (its `dispose` frees
 * them).
 */
export interface ImageTokensOptions<Name extends string = 'image'> extends TrainedVqAutoencoder {
  /** Defaults to `image`. */
  readonly name?: Name;
  /** [h, w]: an image is scaled and cropped to h · factor × w · factor pixels, and encoded to h · w tokens. */
  readonly gridSize: readonly [height: number, width: number];
}

/** The `type` of the modality's config and its factory. */
const TYPE = 'image-tokens';

/** A discrete image modality. */
export interface ImageTokens<Name extends string = 'image'> extends DiscreteModality<Name, RgbImage> {
  readonly gridSize: readonly [height: number, width: number];
  readonly tokensPerValue: number;
  readonly config: PluginConfig;
  assets(): Promise<Assets>;
  dispose(): void;
  encode(value: RgbImage): Promise<Int32Array>;
  decode(ids: Int32Array): Promise<RgbImage>;
}

/** Gray value of positions without a token. */
const BLANK = 128;

/**
 * Creates the modality of images as codebook entries of a VQ autoencoder, row by row from the top left. There are no
 * markers around images in the sequence: ids distinguish them from text, and each image has h · w tokens. `decode` uses
 * the first h · w ids; with fewer ids, the rest of the image is gray. It throws TransfusionError `mismatch` for ids that
 * are not in the codebook. {@link imageTokensFactory} rebuilds the modality from its `config` and `assets`.
 *
 * @throws TransfusionError `invalid-argument` for a grid whose sides are not positive integers
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
  // A data set that keeps its images in memory returns the same objects on every read.
  const cache = new WeakMap<RgbImage, Int32Array>();
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
      const cached = cache.get(image);
      if (cached !== undefined) return cached.slice();
      const [{ data }] = await pixels.encode([image]);
      const ids = Int32Array.from(await runNetwork(toIds, tf.tensor4d(data, [1, ...imageShape])));
      cache.set(image, ids);
      return ids.slice();
    },
    decode: async (ids) => {
      checkIds(ids, config.codebookSize, name);
      const grid = new Int32Array(h * w);
      grid.set(ids.subarray(0, h * w));
      const data = await runNetwork(toImages, tf.tensor3d(grid, [1, h, w], 'int32'));
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
 * Returns the factory that rebuilds modalities of {@link imageTokens}, on the active engine and with the same `id`. Its
 * `create` rejects with TransfusionError `invalid-file` or `mismatch` for an invalid config or files.
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
        'Use a checkpoint of image tokens.',
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

async function runNetwork<T extends tf.Tensor>(
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

/** Blanks all positions after the first `count`; a row has `columns` positions of `side` × `side` pixels. */
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
  const unknown = ids.find((id) => id < 0 || id >= codebookSize);
  if (unknown === undefined) return;
  throw new TransfusionError(
    'mismatch',
    `${name}: the id is ${unknown}, expected 0 to ${codebookSize - 1}. ` +
      'Decode with the codebook of the model that generated it.',
  );
}
