import { Command, InvalidArgumentError, Option } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast, names, nonNegativeNumber } from '../../option-values.js';
import { RUN_HELP, withModelOptions } from '../../recipe-options.js';

/** Creates the `transfusion evaluate` command. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description(
      'Evaluates one model, or compares several: a table, a report in HTML, and a file of results per evaluator. ' +
        'Run the same command again to go on after an interruption.',
    )
    .argument('<run...>', `${RUN_HELP}; several are compared with the first`)
    .option(
      '--evaluators <file>',
      "TypeScript or JavaScript file that exports `evaluators` (the file is executed; default: the recipe's, or the shipped model's)",
    )
    .option('--only <names>', 'some of the evaluators, such as captions,images (default: all)', names)
    .option('--out <folder>', 'folder of the reports, and of the results of each run', 'evaluations')
    .option('--limit <number>', 'number of examples of each evaluator, the first ones', integerAtLeast(1))
    .option(
      '--steps <number>',
      "number of denoising steps (default: the recipe's for the evaluator, or 50)",
      integerAtLeast(1),
    )
    .option(
      '--guidance <scale>',
      "classifier-free guidance scale; 1 disables guidance (default: the recipe's, or 3)",
      nonNegativeNumber,
    )
    .option(
      '--shard <index/count>',
      'a part of the examples, such as 0/4 to 3/4, on several machines',
      shardOf,
    )
    .addOption(
      new Option('--join <count>', 'joins the results of so many shards instead of evaluating')
        .argParser(integerAtLeast(2))
        .conflicts(['shard', 'limit', 'steps', 'guidance', 'lora']),
    )
    .option('--json', 'prints the metrics as JSON');
  return withModelOptions(command).action(
    lazyAction(async () => (await import('./evaluate-action.js')).evaluateAction),
  );
}

/** Parses a part of an evaluation, such as `0/4`. */
function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index !== undefined && Number(index) < Number(count))
    return { index: Number(index), count: Number(count) };
  throw new InvalidArgumentError('Expected an index and a count, such as 0/4, the index below the count.');
}
