/** The recipes without data of their own, by name. */
import { existsSync } from 'node:fs';
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
      takesData: true,
      create: ({ data } = {}) => textOnly({ file: existing(data) }),
    },
  ],
  ...paperSizes.map((size): [string, NamedRecipe<Recipe, BuiltInSettings>] => [
    `paper-${size}`,
    {
      description: `the Transfusion paper's ${size.toUpperCase()} run; to inspect, and as a base for recipe files`,
      missing: missingFor(size),
      create: () => withoutAssets(size),
    },
  ]),
]);

/** Returns the paper's recipe without data, tokenizer and codec: to inspect, not to train. */
function withoutAssets(size: PaperSize): Recipe {
  const absent = (): never => {
    throw new TransfusionError('invalid-argument', missingFor(size));
  };
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

function missingFor(size: PaperSize): string {
  return (
    `recipe 'paper-${size}' lacks a tokenizer, an image codec and data. Write a recipe file that exports ` +
    `paper('${size}', { … }) of @transfusion/recipes with them, then: transfusion train my-recipe.ts`
  );
}

/** @throws TransfusionError if there is no such file, or none is given */
function existing(file: string | undefined): string {
  if (file !== undefined && existsSync(file)) return file;
  const found = file === undefined ? 'no file is given' : `there is no file '${file}'`;
  throw new TransfusionError(
    file === undefined ? 'invalid-argument' : 'not-found',
    `recipe 'text-only' trains on a text file, but ${found}. Pass one: transfusion train text-only --data book.txt`,
  );
}
