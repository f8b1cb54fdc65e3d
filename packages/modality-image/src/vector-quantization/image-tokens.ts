/** Images as tokens, predicted one at a time like text: the images of Chameleon (Chameleon Team 2024). */
import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { DiscreteModality } from '@transfusion/modality';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { fingerprint } from '../autoencoder/fingerprint.js';
import { pixelCodec } from '../pixel-codec.js';
import { isRgbImage, type RgbImage } from '../rgb-image.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import type { VqAutoencoder, VqAutoencoderParams } from './vq-autoencoder.js';

/** What {@link imageTokens} is made of. */
export interface ImageTokensOptions<Name extends string = 'image'> {
  /** `image` by default. */
  readonly name?: Name;
  readonly autoencoder: VqAutoencoder;
  /** Trained parameters; they must live as long as the modality. */
  readonly params: VqAutoencoderParams;
  /** h and w: an image is scaled and cropped to h · factor × w · factor pixels, and becomes h · w tokens. */
  readonly gridSize: readonly [height: number, width: number];
}

/** Images as a modality of tokens. */
export interface ImageTokens<Name extends string = 'image'> extends DiscreteModality<Name, RgbImage> {
  readonly gridSize: readonly [height: number, width: number];
  encode(value: RgbImage): Promise<Int32Array>;
  decode(ids: Int32Array): Promise<RgbImage>;
}

/** Of the places that a model has written nothing for: a gray from the middle. */
const BLANK = 128;

/**
 * Images as the entries of a VQ autoencoder's codebook, row by row from the top left. The sequence has no
 * markers around them: their ids tell them from text, and their number where one ends. A model may write
 * another number: of more than h · w ids the first count, and with fewer the rest of the image is gray.
 * `decode` throws TransfusionError `mismatch` for ids that the codebook does not have.
 *
 * @throws TransfusionError `invalid-argument` for a grid of sides that are no positive whole numbers
 */
export async function imageTokens<const Name extends string = 'image'>({
  name = 'image' as Name,
  autoencoder,
  params,
  gridSize,
}: ImageTokensOptions<Name>): Promise<ImageTokens<Name>> {
  const [h, w] = gridSize;
  if (![h, w].every((side) => Number.isInteger(side) && side > 0)) {
    throw new TransfusionError(
      'invalid-argument',
      `imageTokens: gridSize is [${gridSize.join(', ')}], expected two positive whole numbers.`,
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
    vocabSize: config.codebookSize,
    gridSize,
    accepts: isRgbImage,
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
      const whole = new Int32Array(h * w);
      whole.set(ids.subarray(0, h * w));
      const data = await outputOf(toImages, tf.tensor3d(whole, [1, h, w], 'int32'));
      const [image] = await pixels.decode([{ shape: imageShape, data: Float32Array.from(data) }]);
      return blankFrom(image, ids.length, w, factor);
    },
  };
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

/** The image, blank in the places from `count` on; a row has `columns` of them, `side` pixels wide and high. */
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
