import { Command, Option } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { RUN_HELP } from '../../recipe-options.js';

/** Creates the `transfusion export` command. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Exports a model for inference or fine-tuning (`train --init-from`): EMA weights and modalities, without optimizer state.',
    )
    .argument('<run>', RUN_HELP)
    .requiredOption(
      '--out <folder>',
      'output folder, must not exist; any command that takes a `<run>` accepts it',
    )
    .addOption(
      new Option('--dtype <name>', 'data type of the weights')
        .choices(['float16', 'float32'])
        .default('float16'),
    )
    .action(lazyAction(async () => (await import('./export-action.js')).exportAction));
}
