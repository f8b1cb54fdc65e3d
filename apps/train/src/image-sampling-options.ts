import type { Command } from 'commander';
import { withDenoisingOptions, type DenoisingOptions } from './generation-options.js';
import { integerAtLeast } from './option-values.js';

/** Values of the options of {@link withImageSamplingOptions}. */
export interface ImageSamplingOptions extends DenoisingOptions {
  readonly count: number;
  readonly seed: number;
}

/** Adds the options of commands that generate images. */
export function withImageSamplingOptions(command: Command): Command {
  command
    .option(
      '--count <number>',
      'number of images to generate; several are tiled into a grid',
      integerAtLeast(1),
      1,
    )
    .option('--seed <number>', 'random seed; image i uses seed + i', integerAtLeast(0), 0);
  return withDenoisingOptions(command);
}
