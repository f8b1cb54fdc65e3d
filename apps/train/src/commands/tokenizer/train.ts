import { readFileSync } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import { saveTokenizer, trainBpe } from '@transfusion/modality-text';
import { Command } from 'commander';
import { integerAtLeast } from '../../option-values.js';

/** `transfusion tokenizer` */
export function tokenizerCommand(): Command {
  const train = new Command('train')
    .description('Trains a byte-level byte-pair tokenizer on texts and writes a tokenizer.json.')
    .argument('<text...>', 'text files in UTF-8')
    .requiredOption('--vocab-size <number>', 'number of tokens, the 256 bytes included', integerAtLeast(256))
    .option('--out <file>', 'the file to write', 'tokenizer.json')
    .action(trainTokenizerAction);
  return new Command('tokenizer').description('Trains tokenizers.').addCommand(train);
}

async function trainTokenizerAction(
  files: readonly string[],
  { vocabSize, out }: { readonly vocabSize: number; readonly out: string },
): Promise<void> {
  const tokenizer = trainBpe(textsOf(files), { vocabSize });
  await saveTokenizer(tokenizer, out);
  const fewer = tokenizer.vocabSize < vocabSize ? ' (the texts have no more)' : '';
  console.log(`${out}: ${tokenizer.vocabSize} tokens${fewer}`);
}

/** One file in memory at a time. */
function* textsOf(files: readonly string[]): Generator<string> {
  for (const file of files) {
    try {
      yield readFileSync(file, 'utf8');
    } catch (cause) {
      throw new TransfusionError('invalid-file', `${file}: cannot be read (${(cause as Error).message}).`, {
        cause,
      });
    }
  }
}
