import { createTransfusion, type Transfusion } from '@transfusion/core';
import { createVocabulary, type VocabularyEntry } from '@transfusion/modality';
import type { Recipe } from './recipe.js';

/**
 * Creates the model that a recipe describes. Parameters are separate: initialize them with `model.init`, or load them
 * with `loadModel`.
 *
 * @param earlier vocabulary of the model that the recipe extends, whose ids come first
 */
export function createModel(
  { transformer, modalities, spanAttention, lora }: Recipe,
  earlier: readonly VocabularyEntry[] = [],
): Transfusion {
  const vocabulary = createVocabulary(modalities, earlier);
  return createTransfusion({ transformer, modalities, spanAttention, lora, vocabulary });
}
