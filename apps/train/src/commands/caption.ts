import type { GenerationRequest } from '@transfusion/core';
import { encodeDocument } from '@transfusion/modality';
import { readImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { generateValues, modalityOfPictures } from '../generated-values.js';
import { notNegative, wholeNumber } from '../option-values.js';
import { openRun } from '../run-folder.js';

interface CaptionCommandOptions {
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly recipe?: string;
  readonly data?: string;
}

/** `transfusion caption` */
export function captionCommand(): Command {
  return new Command('caption')
    .description('Says what pictures show, one line a picture.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<picture...>', 'PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG files')
    .option('--tokens <number>', 'how long a caption may become', wholeNumber(1), 64)
    .option('--temperature <number>', '0 takes the likeliest word, 1 draws', notNegative, 0)
    .option('--seed <number>', 'decides what is drawn', wholeNumber(0), 0)
    .option('--recipe <recipe>', 'the recipe of the run, if its folder does not say')
    .option('--data <file>', 'that of the recipe, if it needs one')
    .action(captionAction);
}

async function captionAction(
  run: string,
  files: readonly string[],
  options: CaptionCommandOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const opened = await openRun(run, options.recipe, options.data);
  const { modalities } = opened.model;
  const { name } = modalityOfPictures(modalities);
  async function* requests(): AsyncGenerator<GenerationRequest> {
    for (const file of files) {
      const segments = [{ modality: name, value: await readImage(file) }];
      yield {
        prompt: await encodeDocument(modalities, { segments }),
        seed: options.seed,
        maxTokens: options.tokens,
        minTokens: 1,
        maxSpans: 0,
        tokens: { temperature: options.temperature },
      };
    }
  }
  let captioned = 0;
  for await (const { text } of generateValues(opened, requests())) {
    console.log(`${files[captioned++]}: ${text.replaceAll('\n', ' ')}`);
  }
  disposeParams(opened.params);
}
