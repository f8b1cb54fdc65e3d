import { captionPairs, type DocumentSource } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import type { RecipeOptions } from '../recipe.js';

const COLORS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255] };

/** Plain squares of 8 × 8 pixels, with their colors in words. */
const squares: DocumentSource = {
  name: 'squares',
  length: 3,
  locate: (index) => `square ${index}`,
  read: async (index) => {
    const [name, color] = Object.entries(COLORS)[index];
    const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => color[i % 3]);
    return {
      segments: [
        { modality: 'text', value: name },
        { modality: 'image', value: { width: 8, height: 8, data } },
      ],
    };
  },
};

/** A run of seconds. */
export function tinyRecipe(): RecipeOptions {
  return {
    name: 'tiny',
    modalities: createModalityRegistry(text(), image({ latentShapes: [[8, 8, 3]] })),
    transformer: { modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 },
    sources: () => [{ source: squares, transform: captionPairs() }],
    validation: () => [{ source: squares }],
    batch: { numRows: 2, rowLength: 32 },
    optimizer: { learningRate: 1e-2, warmupSteps: 0 },
    totalSteps: 6,
    evaluation: { every: 3, batches: 2 },
    samples: {
      every: 6,
      requests: [
        { prompt: [{ modality: 'text', value: 'red' }], firstSpan: { modality: 'image' } },
        { prompt: [], maxTokens: 4 },
      ],
      numInferenceSteps: 2,
    },
  };
}
