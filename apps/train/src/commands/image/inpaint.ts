import { Command } from 'commander';
import { optionGroups } from '../../generation-options.js';
import { withImageSamplingOptions } from '../../image-sampling-options.js';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';
import { withModelOptions } from '../../recipe-options.js';

/** Creates the `transfusion inpaint` command. */
export function inpaintCommand(): Command {
  const command = new Command('inpaint')
    .description('Inpaints the masked part of an image and writes a PNG file.')
    .argument('<run>', 'folder of a run or a checkpoint whose model denoises images')
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .requiredOption('--mask <file>', 'an image of the same size: white or transparent pixels are generated')
    .option('--prompt <text>', 'caption of the full image');
  withImageSamplingOptions(command)
    .optionsGroup(optionGroups.denoising)
    .option(
      '--resample <number>',
      'how many times each denoising step is taken (RePaint resampling); higher blends better and takes longer',
      integerAtLeast(1),
      4,
    )
    .optionsGroup(optionGroups.other)
    .option('--out <file>', 'PNG file to write', 'inpaint.png');
  return withModelOptions(command).action(
    lazyAction(async () => (await import('./inpaint-action.js')).inpaintAction),
  );
}
