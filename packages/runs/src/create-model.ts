import { createTransfusion, type Transfusion } from '@transfusion/core';
import { createVocabulary, type VocabularyEntry } from '@transfusion/modality';
import type { Recipe } from './recipe.js';

/**
 * The recipe's model. With the entries of an earlier vocabulary (a checkpoint's), ids stay where they
 * were.
 */
export function createModel(
  { transformer, modalities, spanAttention }: Recipe,
  earlierVocabulary?: readonly VocabularyEntry[],
): Transfusion {
  const vocabulary = createVocabulary(modalities, earlierVocabulary);
  return createTransfusion({ transformer, modalities, spanAttention, vocabulary });
}
