import { createTransfusion, type Transfusion } from '@transfusion/core';
import type { Recipe } from './recipe.js';

/** Creates the model of a recipe, without parameters. */
export function createModel({ transformer, modalities, spanAttention }: Recipe): Transfusion {
  return createTransfusion({ transformer, modalities, spanAttention });
}
