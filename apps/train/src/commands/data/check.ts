import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';

/** Creates the `transfusion data` command. */
export function dataCommand(): Command {
  const check = new Command('check')
    .description(
      'Checks the records of a data set and reports which cannot be used, and why. With a recipe, they must also fit into its batches.',
    )
    .argument(
      '<recipe or path>',
      'a recipe (a file is executed), a folder of captioned files, or a .tar, .jsonl or text file',
    )
    .option('--limit <number>', 'maximum number of records to check per source', integerAtLeast(1))
    .option('--examples <number>', 'number of example records per reason', integerAtLeast(0), 3)
    .option('--json', 'prints the report as JSON');
  return new Command('data')
    .description('Checks data sets.')
    .addCommand(
      withRecipeOptions(check).action(
        lazyAction(async () => (await import('./check-action.js')).checkDataAction),
      ),
    );
}
