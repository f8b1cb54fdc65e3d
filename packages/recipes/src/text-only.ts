/**
 * A language model of one text file: the Transfusion model without spans, a million parameters.
 *
 *     transfusion train text-only --data book.txt
 *
 * Time: 2,000 steps of a second or two on two cores. Result: depends on the text; the loss starts at 5.6 (uniform over
 * bytes). Every 500 steps, generated texts are written to `samples/`.
 */
import type { TransformerOptions, TransformerPresetName } from '@transfusion/core';
import { textDocuments } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import { text, type Tokenizer } from '@transfusion/modality-text';
import { defineRecipe, type OpenSources, type Recipe } from '@transfusion/runs';

/** Options of {@link textOnly}. */
export interface TextOnlyOptions {
  /** A text file with documents separated by blank lines, or `.jsonl` with one `{"text": …}` a line. */
  readonly file: string;
  /** The validation set, in the same format. */
  readonly validationFile?: string;
  /** From `loadTokenizer` or `trainBpe`; defaults to bytes. */
  readonly tokenizer?: Tokenizer;
  /** Defaults to `nano`. */
  readonly transformer?: TransformerPresetName | TransformerOptions;
  /** Number of tokens per row; longer documents are split into pieces. Defaults to 256. */
  readonly rowLength?: number;
  /** Defaults to 2000. */
  readonly totalSteps?: number;
}

/** Returns the recipe of a language model of one text file. */
export function textOnly(options: TextOnlyOptions): Recipe {
  const {
    file,
    validationFile,
    tokenizer,
    transformer = 'nano',
    rowLength = 256,
    totalSteps = 2000,
  } = options;
  const openFile =
    (path: string): OpenSources =>
    async () => [{ source: await textDocuments(path) }];
  return defineRecipe({
    name: 'text-only',
    modalities: createModalityRegistry(text({ tokenizer })),
    transformer,
    sources: openFile(file),
    validation: validationFile === undefined ? undefined : openFile(validationFile),
    batch: { numRows: 16, rowLength },
    optimizer: { learningRate: 1e-3 },
    totalSteps,
    evaluation: validationFile === undefined ? undefined : { every: 200 },
    samples: {
      every: 500,
      requests: Array.from({ length: 4 }, () => ({ prompt: [], maxTokens: 128 })),
    },
  });
}
