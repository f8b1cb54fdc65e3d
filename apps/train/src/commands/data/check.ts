import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';

/** `transfusion data` */
export function dataCommand(): Command {
  const check = new Command('check')
    .description(
      'Checks the records of a data set, and reports which cannot be used and why. Those of a recipe must also fit into its batches.',
    )
    .argument(
      '<recipe or path>',
      'a recipe (its file is executed), a folder of files with captions, or a .tar, .jsonl or text file',
    )
    .option('--limit <number>', 'checks this many records of each source', integerAtLeast(1))
    .option('--examples <number>', 'number of records to name for each reason', integerAtLeast(0), 3)
    .option('--json', 'the report as JSON');
  return new Command('data')
    .description('Checks data sets.')
    .addCommand(
      withRecipeOptions(check).action(
        lazyAction(async () => (await import('./check-action.js')).checkDataAction),
      ),
    );
}
