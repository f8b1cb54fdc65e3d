import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';

/** Creates the `transfusion train` command; `recipes` lists the built-in ones, for its help. */
export function trainCommand(recipes: string): Command {
  return new Command('train')
    .description(
      'Trains a recipe. Run the same command again to resume; Ctrl-C finishes the step and saves, or stops data preparation.',
    )
    .argument(
      '<recipe>',
      'a built-in recipe, or a TypeScript or JavaScript file that exports one (the file is executed)',
    )
    .option(
      '--directory <folder>',
      'output folder for checkpoints, logs and samples (default: runs/<recipe name>)',
    )
    .option(
      '--init-from <run>',
      'initial weights: another run of the same model, or a shipped model such as `emoji`',
    )
    .option(
      '--resume-from <checkpoint>',
      'resumes from this checkpoint instead of the newest and sets later ones aside; pass it only once',
    )
    .option('--other-codecs', "with --init-from: allows codecs that differ from the recipe's")
    .option('--steps <number>', 'total number of steps to stop after', integerAtLeast(1))
    .option('--data <file>', 'training data, for recipes without their own')
    .option(
      '--log-every <steps>',
      'number of steps between log lines if the output is not a terminal',
      integerAtLeast(1),
      10,
    )
    .addHelpText('after', recipes)
    .action(lazyAction(async () => (await import('./train-action.js')).trainAction));
}
