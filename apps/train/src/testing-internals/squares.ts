/** A recipe file like a user's: single-color squares of 8 × 8 pixels, captioned with their color. */
import { captionPairs, type DocumentSource } from '@transfusion/data';
import { flowEuler } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from '@transfusion/runs';

const COLORS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255] };

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

export const recipe = defineRecipe({
  name: 'squares',
  modalities: createModalityRegistry(
    text(),
    image({ latentShapes: [[8, 8, 3]], diffusion: flowEuler({ predictionType: 'sample' }) }),
  ),
  transformer: { modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 },
  sources: () => [{ source: squares, transform: captionPairs() }],
  validation: () => [{ source: squares }],
  batch: { numRows: 2, rowLength: 32 },
  optimizer: { learningRate: 1e-2, warmupSteps: 0 },
  totalSteps: 10_000,
  checkpoints: { every: 5000 },
  evaluation: { every: 5, batches: 1 },
  samples: {
    every: 5,
    requests: [{ prompt: [{ modality: 'text', value: 'red' }], firstSpan: { modality: 'image' } }],
    numInferenceSteps: 2,
  },
});
