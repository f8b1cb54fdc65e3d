import { TransfusionError } from '@transfusion/errors';
import type { ModalityFactory } from '@transfusion/modality';
import { text } from './text.js';
import { readTokenizer, TOKENIZER_FILE } from './tokenizer-bytes.js';

/** Returns the factory that rebuilds `text()` modalities from checkpoints. */
export function textFactory(): ModalityFactory {
  return {
    type: 'text',
    create: async ({ tokenizer }, assets, name) => {
      if (tokenizer === 'bytes') return text({ name });
      if (tokenizer === TOKENIZER_FILE) {
        const where = `The tokenizer of '${name}' (${TOKENIZER_FILE})`;
        return text({ name, tokenizer: readTokenizer(await assets.read(TOKENIZER_FILE), where) });
      }
      throw new TransfusionError(
        'invalid-file',
        `The modality '${name}' has the tokenizer ${JSON.stringify(tokenizer)}, expected 'bytes' or ` +
          `'${TOKENIZER_FILE}'. Use the version of @transfusion/modality-text that wrote the checkpoint.`,
      );
    },
  };
}
