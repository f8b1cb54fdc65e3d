import { mergeLora, type TransfusionParams, type TransformerConfig } from '@transfusion/core';
import { disposeParams, disposeReplaced, tidyParams } from '@transfusion/nn';
import { readLora } from './lora-files.js';

/**
 * Reads low-rank updates and merges them into the trunk. Takes ownership of the parameters, and frees what it replaces.
 *
 * @throws TransfusionError as {@link readLora}
 */
export async function applyLora(
  params: TransfusionParams,
  folder: string,
  transformer: TransformerConfig,
): Promise<TransfusionParams> {
  try {
    const { config, params: updates } = await readLora(folder, transformer);
    let merged: TransfusionParams;
    try {
      merged = tidyParams(() => mergeLora({ ...params, lora: updates }, config));
    } finally {
      disposeParams(updates);
    }
    disposeReplaced(params, merged);
    return merged;
  } catch (error) {
    disposeParams(params);
    throw error;
  }
}
