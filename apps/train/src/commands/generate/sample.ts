import { Command } from 'commander';
import { optionGroups, withDenoisingOptions, withTextOptions } from '../../generation-options.js';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast, names, sizeInPixels } from '../../option-values.js';
import { RUN_HELP, withModelOptions } from '../../recipe-options.js';

/** Creates the `transfusion sample` command. */
export function sampleCommand(): Command {
  const command = new Command('sample')
    .description('Generates values of any modality from a prompt: writes images to a file and prints text.')
    .argument('<run>', RUN_HELP)
    .argument('[prompt]', 'text at the beginning of the document; may be empty')
    .option('--prompts <file>', 'text file with one prompt per line, instead of <prompt>')
    .option(
      '--output <modality>',
      'modality to generate, or `document` to let the model choose (default: the first non-text modality, or text)',
    )
    .option(
      '--modalities <names>',
      'modalities that a document may have, such as text,image (default: all)',
      names,
    )
    .option(
      '--count <number>',
      'number of outputs per prompt; several images of one prompt are tiled into a grid',
      integerAtLeast(1),
      1,
    )
    .option(
      '--size <width x height>',
      'size in pixels, such as 96x64; by default the model chooses among its sizes',
      sizeInPixels,
    )
    .option(
      '--spans <number>',
      'maximum number of spans, such as images, of a document',
      integerAtLeast(0),
      1,
    )
    .option('--seed <number>', 'random seed; output i, of all prompts, uses seed + i', integerAtLeast(0), 0)
    .option(
      '--out <file>',
      "file to write; the modality's extension is added if missing (default: sample; text is printed instead)",
    )
    .option('--json', 'one JSON object per output: seed, prompt, and its text or file');
  withDenoisingOptions(command)
    .optionsGroup(optionGroups.text)
    .option(
      '--min-tokens <number>',
      'minimum number of tokens of a text or a document',
      integerAtLeast(0),
      0,
    );
  withTextOptions(command, { tokens: 128, temperature: 1, of: 'of a text or a document' });
  return withModelOptions(command).action(
    lazyAction(async () => (await import('./sample-action.js')).sampleAction),
  );
}
