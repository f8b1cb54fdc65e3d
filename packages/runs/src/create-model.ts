import { createTransfusion, type Transfusion } from '@transfusion/core';
import type { Recipe } from './recipe.js';

/**
 * Creates the model that a recipe describes. Parameters are separate: initialize them with `model.init`, or load them
 * with `loadModel`.
 */
export function createModel({ transformer, modalities, spanAttention }: Recipe): Transfusion {
  return createTransfusion({ transformer, modalities, spanAttention });
}
