/** The recipes without data of their own, by name. */
import { TransfusionError } from '@transfusion/errors';
import type { LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { byteTokenizer, type Tokenizer } from '@transfusion/modality-text';
import type { NamedRecipe, Recipe } from '@transfusion/runs';
import { paper, paperSizes, type PaperSize } from './paper.js';
import { textOnly } from './text-only.js';

/** Settings of {@link builtInRecipes}. */
export interface BuiltInSettings {
  /** File to train on. */
  readonly data?: string;
}

/** All recipes of this package, by name. */
export const builtInRecipes: ReadonlyMap<string, NamedRecipe<Recipe, BuiltInSettings>> = new Map<
  string,
  NamedRecipe<Recipe, BuiltInSettings>
>([
  [
    'text-only',
    {
      description: 'a small byte-level language model of one text file (--data)',
      create: ({ data } = {}) => textOnly({ file: data ?? missing('text-only', 'a text file (--data)') }),
    },
  ],
  ...paperSizes.map((size): [string, NamedRecipe<Recipe, BuiltInSettings>] => [
    `paper-${size}`,
    {
      description: `the Transfusion paper's ${size.toUpperCase()} run; to inspect, and as a base for recipe files`,
      create: () => withoutAssets(size),
    },
  ]),
]);

/** Returns the paper's recipe without data, tokenizer and codec: to inspect, not to train. */
function withoutAssets(size: PaperSize): Recipe {
  const name = `paper-${size}`;
  const absent = (): never => missing(name, 'a tokenizer, an image codec and sources of your own');
  const tokenizer: Tokenizer = {
    ...byteTokenizer(),
    id: 'none',
    vocabSize: 32_000,
    encode: absent,
    decode: absent,
    createDecoder: absent,
  };
  const codec: LatentCodec<RgbImage> = {
    id: 'none',
    encode: async () => absent(),
    decode: async () => absent(),
  };
  return paper(size, { tokenizer, codec, sources: absent });
}

function missing(recipe: string, requirements: string): never {
  throw new TransfusionError(
    'invalid-argument',
    `recipe '${recipe}' requires ${requirements}. Pass it, or write a recipe file that does.`,
  );
}
