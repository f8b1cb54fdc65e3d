import type { Command } from 'commander';

/** Adds the options of commands that open a run. */
export function withRecipeOptions(command: Command): Command {
  return command
    .option(
      '--recipe <recipe>',
      'takes the modalities of this recipe, for a run whose modalities are its own; executes the file',
    )
    .option('--data <file>', 'data of the recipe, if it has none of its own');
}
