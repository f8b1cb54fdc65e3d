import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast, nonNegativeNumber } from '../../option-values.js';
import { RUN_HELP, withRecipeOptions } from '../../recipe-options.js';

/** Creates the `transfusion caption` command. */
export function captionCommand(): Command {
  const command = new Command('caption')
    .description('Captions images, or files of any other modality of the model: prints one line per file.')
    .argument('<run>', RUN_HELP)
    .argument('<file...>', "files of the model's modalities, such as PNG or JPEG")
    .option('--tokens <number>', 'maximum number of tokens per caption', integerAtLeast(1), 64)
    .option(
      '--temperature <number>',
      "softmax temperature: 0 is greedy, 1 samples from the model's distribution",
      nonNegativeNumber,
      0,
    )
    .option('--seed <number>', 'random seed; file i uses seed + i', integerAtLeast(0), 0);
  return withRecipeOptions(command).action(
    lazyAction(async () => (await import('./caption-action.js')).captionAction),
  );
}
