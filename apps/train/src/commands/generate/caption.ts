import { Command } from 'commander';
import { withTextOptions } from '../../generation-options.js';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';
import { RUN_HELP, withModelOptions } from '../../recipe-options.js';

/** Creates the `transfusion caption` command. */
export function captionCommand(): Command {
  const command = new Command('caption')
    .description('Captions images, or files of any other modality of the model: prints one line per file.')
    .argument('<run>', RUN_HELP)
    .argument('<file...>', "files of the model's modalities, such as PNG or JPEG")
    .option('--seed <number>', 'random seed; file i uses seed + i', integerAtLeast(0), 0);
  withTextOptions(command, { tokens: 64, temperature: 0, of: 'per caption' });
  return withModelOptions(command).action(
    lazyAction(async () => (await import('./caption-action.js')).captionAction),
  );
}
