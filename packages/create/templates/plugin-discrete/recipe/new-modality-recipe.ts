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

// Replace: your data. `captionedFolder` of @transfusion/data reads a folder of files with captions (a.notes, a.txt).
const MELODIES: Readonly<Record<string, NewModality>> = {
  rise: ['C4', 'D4', 'E4', 'F4', 'G4', 'A4', 'B4', 'C5'],
  fall: ['C5', 'B4', 'A4', 'G4', 'F4', 'E4', 'D4', 'C4'],
  trill: ['G4', 'A4', 'G4', 'A4', 'G4', 'A4', 'G4', '-'],
  chord: ['C4', 'E4', 'G4', 'C5', 'G4', 'E4', 'C4', '-'],
};

const captions = Object.keys(MELODIES);

const source: DocumentSource = {
  name: 'new-modality',
  length: captions.length,
  locate: (index) => captions[index],
  read: async (index) => ({
    segments: [
      { modality: 'text', value: captions[index] },
      { modality: 'new-modality', value: MELODIES[captions[index]] },
    ],
  }),
};

export const recipe = defineRecipe({
  name: 'new-modality',
  modalities: createModalityRegistry(text(), newModality()),
  transformer: { modelDim: 64, numLayers: 3, numHeads: 2, ffnDim: 128, qkNorm: true },
  // Half of the documents are captions, to be read before the value; the other half captions of a value.
  sources: () => [{ source, transform: captionPairs({ captionFirst: 0.5 }) }],
  batch: { numRows: 8, rowLength: 64 },
  optimizer: { learningRate: 3e-3, warmupSteps: 20, weightDecay: 0 },
  totalSteps: 600,
  samples: {
    every: 300,
    requests: captions.map((caption) => ({ prompt: [{ modality: 'text', value: caption }], maxTokens: 16 })),
  },
});
