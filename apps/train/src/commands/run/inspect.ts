import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { withRecipeOptions } from '../../recipe-options.js';

/** Creates the `transfusion inspect` command; `recipes` lists the built-in ones, for its help. */
export function inspectCommand(recipes: string): Command {
  const command = new Command('inspect')
    .description(
      'Shows model sizes, the cost of a training step, the vocabulary, and the contents of a checkpoint.',
    )
    .argument(
      '<recipe, run or checkpoint>',
      'a recipe (a file is executed), the folder of a run or checkpoint, or a shipped model such as `emoji`',
    )
    .option('--json', 'prints the report as JSON');
  return withRecipeOptions(command)
    .addHelpText('after', recipes)
    .action(lazyAction(async () => (await import('./inspect-action.js')).inspectAction));
}
