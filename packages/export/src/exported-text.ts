import { TransfusionError } from '@transfusion/errors';
import type { DiscreteModality, PluginConfig } from '@transfusion/modality';
import type { ExportedText } from './export-format.js';

const TOKENIZER = 'tokenizer.json';

const NONE: Partial<PluginConfig> = {};

/**
 * Returns the description of a text modality, and the file of its tokenizer.
 *
 * @throws TransfusionError `invalid-argument` for another discrete modality, and for a tokenizer without a file
 */
export async function exportedText(modality: DiscreteModality): Promise<{
  readonly modality: ExportedText;
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
}> {
  const { name, config } = modality;
  const { type, tokenizer } = config ?? NONE;
  if (type === 'text' && tokenizer === 'bytes') {
    return { modality: { kind: 'discrete', name, tokenizer: 'bytes' } };
  }
  const bytes = type === 'text' ? (await modality.assets?.())?.[TOKENIZER] : undefined;
  if (bytes !== undefined) {
    return { modality: { kind: 'discrete', name, tokenizer: TOKENIZER }, file: { name: TOKENIZER, bytes } };
  }
  throw new TransfusionError(
    'invalid-argument',
    `exportModel: '${name}' cannot be exported, only text with bytes or a tokenizer.json as tokens, and modalities of ` +
      'spans. Export a model without it.',
  );
}
