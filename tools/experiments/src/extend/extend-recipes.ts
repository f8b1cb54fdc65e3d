/** The recipes of the experiment `extend`: curves alone, and curves added to the shipped model. */
import { captionPairs, type MixturePart } from '@transfusion/data';
import { emojiModelFolder } from '@transfusion/emoji';
import { curve } from '@transfusion/examples/curve-modality';
import { createModalityRegistry, type Modality } from '@transfusion/modality';
import { defineRecipe, type LoadedModel, type Recipe, type RecipeOptions } from '@transfusion/runs';

/** Data of both tasks, as parts of a mixture. */
export interface ExtendData {
  readonly curves: MixturePart;
  readonly emoji: MixturePart;
}

/** Both orders of caption and value, in the proportion that the shipped model was trained with. */
export const bothOrders = captionPairs({ captionFirst: 0.65, captionDropout: 0 });

/** As the shipped model was trained. */
export const captionNoiseLimit = 0.25;

/** Rows of curves; a run with emoji has as many again for these. */
const CURVE_ROWS = 8;

/**
 * Curves alone; the shipped model extended, with all weights trained, with its image adapter frozen, and with its trunk frozen as
 * well, but for low-rank updates.
 */
export const extendSetups = ['alone', 'extended', 'image frozen', 'lora'] as const;

/** Name of a setup. */
export type ExtendSetup = (typeof extendSetups)[number];

/** Returns the recipe of a setup, for models of the shipped model's size. */
export function extendRecipe(
  setup: ExtendSetup,
  shipped: LoadedModel['model'],
  { curves, emoji }: ExtendData,
  { steps, rank }: { readonly steps: number; readonly rank: number },
): Recipe {
  const [text, image]: readonly Modality[] = shipped.modalities.modalities;
  const shared = {
    name: `extend ${setup}`,
    transformer: shipped.transformer,
    totalSteps: steps,
    captionNoiseLimit,
    checkpoints: { every: 100, keep: 1 },
    // Those of the shipped model, but for an average over fewer steps: its recipes train new weights at 1.5e-3, and all weights of
    // a trained model at two thirds of it.
    optimizer: {
      learningRate: setup === 'extended' ? 1e-3 : 1.5e-3,
      warmupSteps: 20,
      weightDecay: 0.05,
      beta2: 0.98,
      emaDecay: 0.98,
    },
  } satisfies Partial<RecipeOptions>;
  if (setup === 'alone') {
    return defineRecipe({
      ...shared,
      modalities: createModalityRegistry(text, curve()),
      sources: () => [curves],
      batch: { numRows: CURVE_ROWS, rowLength: 96, spanCapacity: { 'curve:64': 48 } },
    });
  }
  return defineRecipe({
    ...shared,
    // In another order than that of the checkpoint.
    modalities: createModalityRegistry(curve(), text, image),
    init: { from: emojiModelFolder },
    freeze: setup === 'extended' ? [] : ['adapters.image'],
    lora: setup === 'lora' ? { rank } : undefined,
    sources: () => [
      { ...curves, weight: 0.5 },
      { ...emoji, weight: 0.5 },
    ],
    batch: {
      numRows: 2 * CURVE_ROWS,
      rowLength: 96,
      spanCapacity: { 'curve:64': 48, 'image:8x8x8': 40 },
    },
  });
}
