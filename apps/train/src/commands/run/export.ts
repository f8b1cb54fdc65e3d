import { Command, Option } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { RUN_HELP } from '../../recipe-options.js';

/** Creates the `transfusion export` command. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Exports a model for inference or fine-tuning (`train --init-from`): EMA weights and modalities, without optimizer ' +
        'state; or, with `--format onnx`, for browsers and other runtimes.',
    )
    .argument('<run>', RUN_HELP)
    .requiredOption(
      '--out <folder>',
      'output folder, must not exist; any command that takes a `<run>` accepts a checkpoint',
    )
    .addOption(
      new Option(
        '--format <name>',
        'checkpoint; ONNX files in the layout of transformers.js; or the low-rank updates of a recipe with `lora`, as ' +
          'PEFT writes them',
      )
        .choices(['checkpoint', 'onnx', 'lora'])
        .default('checkpoint'),
    )
    .addOption(
      new Option('--dtype <name>', 'data type of the weights of a checkpoint (default: float16)').choices([
        'float16',
        'float32',
      ]),
    )
    .addOption(
      new Option('--precision <name>', 'of the weights in ONNX files (default: half)').choices([
        'single',
        'half',
        'int8',
      ]),
    )
    .action(lazyAction(async () => (await import('./export-action.js')).exportAction));
}
