import type { Command } from 'commander';
import { integerAtLeast, nonNegativeNumber } from './option-values.js';

/** Values of the options of {@link withImageSamplingOptions}. */
export interface ImageSamplingOptions {
  readonly count: number;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
}

/** Adds the options of commands that generate images. */
export function withImageSamplingOptions(command: Command): Command {
  return command
    .option(
      '--count <number>',
      'number of images to generate; several are tiled into a grid',
      integerAtLeast(1),
      1,
    )
    .option('--steps <number>', 'number of denoising steps', integerAtLeast(1), 50)
    .option('--guidance <scale>', 'classifier-free guidance scale; 1 disables guidance', nonNegativeNumber, 3)
    .option('--seed <number>', 'random seed; image i uses seed + i', integerAtLeast(0), 0);
}
