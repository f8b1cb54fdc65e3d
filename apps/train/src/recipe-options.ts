import type { Command } from 'commander';

/** Help text of a `<run>` argument. */
export const RUN_HELP = 'run or checkpoint folder, or a shipped model such as `emoji`';

/** Adds the options of commands that load a run. */
export function withRecipeOptions(command: Command): Command {
  return command
    .option(
      '--recipe <recipe>',
      'recipe to take custom modalities from, if the run has any; executes the file',
    )
    .option('--data <file>', 'training data, for recipes without their own');
}

/** Adds the options of commands that generate with a run: those of {@link withRecipeOptions}, and updates of the model. */
export function withModelOptions(command: Command): Command {
  return withRecipeOptions(command).option(
    '--lora <folder>',
    'low-rank updates of `export --format lora`, or of PEFT, to merge into the model',
  );
}
