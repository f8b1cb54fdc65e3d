import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';

/** Creates the `transfusion tokenizer` command. */
export function tokenizerCommand(): Command {
  const train = new Command('train')
    .description('Trains a byte-level BPE tokenizer on text files and writes a tokenizer.json.')
    .argument('<text...>', 'text files in UTF-8')
    .requiredOption('--vocab-size <number>', 'vocabulary size, including the 256 bytes', integerAtLeast(256))
    .option('--out <file>', 'file to write', 'tokenizer.json')
    .action(lazyAction(async () => (await import('./train-action.js')).trainTokenizerAction));
  return new Command('tokenizer').description('Trains tokenizers.').addCommand(train);
}
