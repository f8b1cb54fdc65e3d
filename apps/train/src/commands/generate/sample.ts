import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast, nonNegativeNumber, sizeInPixels } from '../../option-values.js';
import { RUN_HELP, withRecipeOptions } from '../../recipe-options.js';

/** Creates the `transfusion sample` command. */
export function sampleCommand(): Command {
  const command = new Command('sample')
    .description('Generates values of any modality from a prompt: writes images to a file and prints text.')
    .argument('<run>', RUN_HELP)
    .argument('<prompt>', 'text at the beginning of the document; may be empty')
    .option(
      '--output <modality>',
      'modality to generate, or `document` to let the model choose (default: the first non-text modality, or text)',
    )
    .option(
      '--count <number>',
      'number of outputs to generate; several images are tiled into a grid',
      integerAtLeast(1),
      1,
    )
    .option(
      '--size <width x height>',
      'size in pixels, such as 96x64; by default the model chooses among its sizes',
      sizeInPixels,
    )
    .option('--steps <number>', 'number of denoising steps', integerAtLeast(1), 50)
    .option('--guidance <scale>', 'classifier-free guidance scale; 1 disables guidance', nonNegativeNumber, 3)
    .option('--seed <number>', 'random seed; output i uses seed + i', integerAtLeast(0), 0)
    .option('--tokens <number>', 'maximum number of tokens of a text or a document', integerAtLeast(1), 128)
    .option(
      '--temperature <number>',
      'softmax temperature of tokens: 0 is greedy, below 1 sharpens the distribution',
      nonNegativeNumber,
      1,
    )
    .option(
      '--out <file>',
      "file to write; the modality's extension is added if missing (default: sample; text is printed instead)",
    );
  return withRecipeOptions(command).action(
    lazyAction(async () => (await import('./sample-action.js')).sampleAction),
  );
}
