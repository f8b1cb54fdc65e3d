/**
 * A discrete modality: its values become token ids, which a model predicts one at a time. It consists of a vocabulary,
 * `encode` and `decode`, and `media` (values to files and back).
 *
 * Search for "Replace:" to find what makes it yours.
 */
import { TransfusionError } from '@transfusion/errors';
import type { DiscreteModality, Media, ModalityFactory } from '@transfusion/modality';

// Replace: the type of your values, in memory.
/** A melody: notes such as `C4` and `F#5`, and `-` for a rest. */
export type NewModality = readonly string[];

// Replace: what a model's author may choose. All of it goes into `config`.
/** Options of {@link newModality}. */
export interface NewModalityOptions<Name extends string = 'new-modality'> {
  /** Number of octaves from C3 up, 1 to 6; defaults to 3. */
  readonly octaves?: number;
  /** Name in documents and checkpoints; defaults to `new-modality`. */
  readonly name?: Name;
}

const SCALE = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'];

/**
 * Creates the modality.
 *
 * @throws TransfusionError `invalid-argument` for a number of octaves that there is not
 */
export function newModality<Name extends string = 'new-modality'>(
  options: NewModalityOptions<Name> = {},
): DiscreteModality<Name, NewModality> {
  const { octaves = 3, name = 'new-modality' as Name } = options;
  if (!Number.isInteger(octaves) || octaves < 1 || octaves > 6) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: octaves is ${octaves}, expected an integer from 1 to 6. Choose another number.`,
    );
  }
  const symbols = symbolsOf(octaves);
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const accepts = (value: unknown): value is NewModality =>
    Array.isArray(value) && value.every((symbol: string) => ids.has(symbol));
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    // Replace: change it whenever the meaning of an id changes; a checkpoint with another one is refused.
    id: `notes of ${octaves} octaves from C3`,
    config: { type: 'new-modality', octaves },
    accepts,
    vocabSize: symbols.length,
    encode: (value) => Int32Array.from(value, (symbol) => ids.get(symbol)!),
    // Any ids can be decoded: a model may stop in the middle of a value.
    decode: (tokens) => Array.from(tokens, (id) => symbols[id]),
    media: mediaOf(accepts),
  };
}

// Replace: a symbol for each id.
function symbolsOf(octaves: number): readonly string[] {
  const pitches = Array.from({ length: octaves }, (_, i) => SCALE.map((pitch) => `${pitch}${3 + i}`));
  return ['-', ...pitches.flat()];
}

// Replace: the file format of your values. Here symbols, separated by spaces.
function mediaOf(accepts: (value: unknown) => value is NewModality): Media<NewModality> {
  return {
    mediaType: 'text/plain',
    extensions: ['.notes'],
    decode: async (bytes) => {
      const value = new TextDecoder().decode(bytes).split(/\s+/).filter(Boolean);
      const unknown = value.find((symbol) => !accepts([symbol]));
      if (unknown === undefined) return value;
      throw new TransfusionError(
        'invalid-file',
        `found ${JSON.stringify(unknown)}, expected notes such as C4 and - for rests. Correct the file.`,
      );
    },
    encode: async (value) => new TextEncoder().encode(`${value.join(' ')}\n`),
  };
}

/** Returns the factory that rebuilds the modality from a checkpoint, for `loadModel`. */
export function newModalityFactory(): ModalityFactory {
  return {
    type: 'new-modality',
    create: async ({ octaves }, _assets, name) => {
      if (typeof octaves === 'number') return newModality({ octaves, name });
      throw new TransfusionError(
        'invalid-file',
        `The modality '${name}' has the octaves ${JSON.stringify(octaves)}, expected a number. ` +
          'Use the version of the package that wrote the checkpoint.',
      );
    },
  };
}
