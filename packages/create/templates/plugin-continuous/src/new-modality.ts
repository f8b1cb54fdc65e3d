/**
 * A continuous modality: its values become latents, which a model denoises span by span. It consists of a codec (values to
 * latents and back), an adapter (latents to the model's hidden vectors and back; trained), a noise scheduler, and `media`
 * (values to files and back).
 *
 * Search for "Replace:" to find what makes it yours.
 */
import { flowEuler, velocity } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, LatentCodec, Media, ModalityFactory } from '@transfusion/modality';
import { linearAdapter } from './linear-adapter.js';

// Replace: the type of your values, in memory.
/** A series of samples from -1 to 1. */
export type NewModality = Float32Array;

// Replace: what a model's author may choose. All of it goes into `config`.
/** Options of {@link newModality}. */
export interface NewModalityOptions<Name extends string = 'new-modality'> {
  /** Number of samples, a multiple of 8; defaults to 64. */
  readonly length?: number;
  /** Name in documents and checkpoints; defaults to `new-modality`. */
  readonly name?: Name;
}

/** Samples in one position of the sequence: more make a sequence shorter, and each position harder to predict. */
const PATCH_SIZE = 8;

/**
 * Creates the modality.
 *
 * @throws TransfusionError `invalid-argument` for a length that is no multiple of 8
 */
export function newModality<Name extends string = 'new-modality'>(
  options: NewModalityOptions<Name> = {},
): ContinuousModality<Name, NewModality> {
  const { length = 64, name = 'new-modality' as Name } = options;
  if (!Number.isInteger(length) || length <= 0 || length % PATCH_SIZE !== 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: length is ${length}, expected a positive multiple of ${PATCH_SIZE}. Choose another length.`,
    );
  }
  const accepts = (value: unknown): value is NewModality =>
    value instanceof Float32Array && value.length === length && value.every(Number.isFinite);
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name,
    config: { type: 'new-modality', length },
    accepts,
    codec: codecOf(length),
    media: mediaOf(length, accepts),
    // The paper's weight of the diffusion loss.
    lossWeight: 5,
    diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2) }),
    latentShapes: [[length]],
    spanLength: () => length / PATCH_SIZE,
    createAdapter: (modelDim) => linearAdapter({ modelDim, length, patchSize: PATCH_SIZE }),
  };
}

// Replace: how values become latents with elements of about -1 to 1, and latents values. Latents may be smaller than the
// values (an autoencoder, a spectrogram). Change `id` whenever the latents of a value change: caches are tied to it.
function codecOf(length: number): LatentCodec<NewModality> {
  return {
    id: `new-modality: ${length} samples`,
    encode: async (values) => values.map((data) => ({ shape: [length], data })),
    decode: async (latents) => latents.map(({ data }) => data),
  };
}

// Replace: the file format of your values. Here a sample a line.
function mediaOf(length: number, accepts: (value: unknown) => value is NewModality): Media<NewModality> {
  return {
    mediaType: 'text/csv',
    extensions: ['.csv'],
    decode: async (bytes) => {
      const lines = new TextDecoder().decode(bytes).trim().split('\n');
      // An empty line would be the number 0.
      const value = Float32Array.from(lines, (line) => (line.trim() === '' ? NaN : Number(line)));
      if (accepts(value)) return value;
      throw new TransfusionError(
        'invalid-file',
        `found ${lines.length} lines, expected ${length} numbers, one a line. Resample the file.`,
      );
    },
    encode: async (value) => new TextEncoder().encode(`${value.join('\n')}\n`),
  };
}

/** Returns the factory that rebuilds the modality from a checkpoint, for `loadModel`. */
export function newModalityFactory(): ModalityFactory {
  return {
    type: 'new-modality',
    create: async ({ length }, _assets, name) => {
      if (typeof length === 'number') return newModality({ length, name });
      throw new TransfusionError(
        'invalid-file',
        `The modality '${name}' has the length ${JSON.stringify(length)}, expected a number. ` +
          'Use the version of the package that wrote the checkpoint.',
      );
    },
  };
}
