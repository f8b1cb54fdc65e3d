import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast, nonNegativeNumber, positiveProbability, sizeInPixels } from '../../option-values.js';
import { RUN_HELP, withRecipeOptions } from '../../recipe-options.js';

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
    .option('--steps <number>', 'number of denoising steps', integerAtLeast(1), 50)
    .option(
      '--sampler <name>',
      "noise scheduler to sample with: ddpm, ddim, dpm-solver++, flow-euler or flow-heun, as fits the model's noise (default: the model's own)",
    )
    .option('--guidance <scale>', 'classifier-free guidance scale; 1 disables guidance', nonNegativeNumber, 3)
    .option('--seed <number>', 'random seed; output i, of all prompts, uses seed + i', integerAtLeast(0), 0)
    .option('--tokens <number>', 'maximum number of tokens of a text or a document', integerAtLeast(1), 128)
    .option(
      '--temperature <number>',
      'softmax temperature of tokens: 0 is greedy, below 1 sharpens the distribution',
      nonNegativeNumber,
      1,
    )
    .option('--top-k <number>', 'samples from this many of the most likely tokens', integerAtLeast(1))
    .option(
      '--top-p <probability>',
      'samples from the fewest most likely tokens that reach this probability (nucleus sampling)',
      positiveProbability,
    )
    .option(
      '--out <file>',
      "file to write; the modality's extension is added if missing (default: sample; text is printed instead)",
    )
    .option('--json', 'one JSON object per output: seed, prompt, and its text or file');
  return withRecipeOptions(command).action(
    lazyAction(async () => (await import('./sample-action.js')).sampleAction),
  );
}
