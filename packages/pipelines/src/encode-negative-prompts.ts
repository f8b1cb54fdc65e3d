import { TransfusionError } from '@transfusion/errors';
import {
  encodeDocuments,
  type Document,
  type EncodedDocument,
  type ModalityRegistry,
} from '@transfusion/modality';

/** Encodes documents as `encodeDocuments` does; the messages of its errors begin with the option. */
export async function encodeNegativePrompts(
  modalities: ModalityRegistry,
  documents: readonly Document[],
  first?: number,
): Promise<EncodedDocument[]> {
  try {
    return await encodeDocuments(modalities, documents, first);
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    throw new TransfusionError(error.code, `negativePrompt: ${error.message}`, { cause: error });
  }
}
