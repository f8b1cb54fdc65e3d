import { readImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { imageToText } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { notNegative, wholeNumber } from '../option-values.js';
import { openRun } from '../run-folder.js';

interface CaptionCommandOptions {
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly recipe?: string;
  readonly data?: string;
}

/** So many are captioned before their lines are printed. */
const FILES_AT_A_TIME = 16;

/** `transfusion caption` */
export function captionCommand(): Command {
  return new Command('caption')
    .description('Says what images show, one line an image.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<image...>', 'PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG files')
    .option('--tokens <number>', 'how long a caption may become', wholeNumber(1), 64)
    .option('--temperature <number>', '0 takes the likeliest word, 1 draws', notNegative, 0)
    .option('--seed <number>', 'decides what is drawn; further images count up from it', wholeNumber(0), 0)
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
  const { tokens: maxTokens, temperature, seed } = options;
  for (let begin = 0; begin < files.length; begin += FILES_AT_A_TIME) {
    const chosen = files.slice(begin, begin + FILES_AT_A_TIME);
    const images = await Promise.all(chosen.map((file) => readImage(file)));
    const texts = await imageToText(opened, images, { maxTokens, temperature, seed: seed + begin });
    texts.forEach((text, i) => console.log(`${chosen[i]}: ${text.replaceAll('\n', ' ')}`));
  }
  disposeParams(opened.params);
}
