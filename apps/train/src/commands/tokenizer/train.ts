import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';
import { integerAtLeast } from '../../option-values.js';

/** `transfusion tokenizer` */
export function tokenizerCommand(): Command {
  const train = new Command('train')
    .description('Trains a byte-level byte-pair tokenizer on texts and writes a tokenizer.json.')
    .argument('<text...>', 'text files in UTF-8')
    .requiredOption('--vocab-size <number>', 'number of tokens, the 256 bytes included', integerAtLeast(256))
    .option('--out <file>', 'the file to write', 'tokenizer.json')
    .action(lazyAction(async () => (await import('./train-action.js')).trainTokenizerAction));
  return new Command('tokenizer').description('Trains tokenizers.').addCommand(train);
}
