import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { withRecipeOptions } from '../../recipe-options.js';

/** Creates the `transfusion inspect` command; `recipes` lists the built-in ones, for its help. */
export function inspectCommand(recipes: string): Command {
  const command = new Command('inspect')
    .description(
      'Shows the sizes of a model, the cost of a training step, the vocabulary, and the content of a checkpoint.',
    )
    .argument(
      '<recipe, run or checkpoint>',
      'a recipe (its file is executed), or the folder of a run or of a checkpoint',
    )
    .option('--json', 'the report as JSON');
  return withRecipeOptions(command)
    .addHelpText('after', recipes)
    .action(lazyAction(async () => (await import('./inspect-action.js')).inspectAction));
}
