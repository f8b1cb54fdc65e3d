/**
 * Trains a small model that generates a value of the modality from its name, and names a value. Half a minute on two cores:
 *
 *     npm run train
 *     npm run sample
 */
import { captionPairs, type DocumentSource } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from '@transfusion/runs';
import { newModality, type NewModality } from '../src/index.js';

const LENGTH = 64;

// Replace: your data. `captionedFolder` of @transfusion/data reads a folder of files with captions (a.csv, a.txt).
const SHAPES: Readonly<Record<string, (x: number) => number>> = {
  rise: (x) => 2 * x - 1,
  fall: (x) => 1 - 2 * x,
  wave: (x) => Math.sin(4 * Math.PI * x),
  step: (x) => (x < 0.5 ? -0.8 : 0.8),
};

const captions = Object.keys(SHAPES);

const source: DocumentSource = {
  name: 'new-modality',
  length: captions.length,
  locate: (index) => captions[index],
  read: async (index) => {
    const shape = SHAPES[captions[index]];
    const value: NewModality = Float32Array.from({ length: LENGTH }, (_, i) => shape(i / (LENGTH - 1)));
    return {
      segments: [
        { modality: 'text', value: captions[index] },
        { modality: 'new-modality', value },
      ],
    };
  },
};

export const recipe = defineRecipe({
  name: 'new-modality',
  modalities: createModalityRegistry(text(), newModality({ length: LENGTH })),
  transformer: { modelDim: 64, numLayers: 3, numHeads: 2, ffnDim: 128, qkNorm: true },
  // Half of the documents are captions, to be read before the value; the other half captions of a value.
  sources: () => [{ source, transform: captionPairs({ captionFirst: 0.5 }) }],
  batch: { numRows: 8, rowLength: 64 },
  optimizer: { learningRate: 3e-3, warmupSteps: 20, weightDecay: 0 },
  totalSteps: 600,
  samples: {
    every: 300,
    requests: captions.map((caption) => ({
      prompt: [{ modality: 'text', value: caption }],
      firstSpan: { modality: 'new-modality' },
    })),
    guidanceScale: 1,
    numInferenceSteps: 10,
  },
});
