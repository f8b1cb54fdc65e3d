import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { saveTokenizer, trainBpe } from '@transfusion/modality-text';
import { noteNewFolder } from '../../write-and-print.js';

/** Runs `transfusion tokenizer train`. */
export async function trainTokenizerAction(
  files: readonly string[],
  { vocabSize, out }: { readonly vocabSize: number; readonly out: string },
): Promise<void> {
  const tokenizer = trainBpe(readTexts(files), { vocabSize });
  noteNewFolder(dirname(out));
  await saveTokenizer(tokenizer, out);
  const note = tokenizer.vocabSize < vocabSize ? ' (the text is too short for more)' : '';
  console.log(`${out}: ${tokenizer.vocabSize} tokens${note}`);
}

/** Reads the files one at a time. */
function* readTexts(files: readonly string[]): Generator<string> {
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
