/**
 * A recipe of curves and their names, for the command line:
 *
 *     transfusion train tools/demos/examples/src/curves.ts
 *     transfusion sample runs/curves wave --recipe tools/demos/examples/src/curves.ts
 */
import { captionPairs, type DocumentSource } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from '@transfusion/runs';
import { curve, type Curve } from './curve-modality.js';

const CURVES: Readonly<Record<string, (x: number) => number>> = {
  rise: (x) => 2 * x - 1,
  fall: (x) => 1 - 2 * x,
  wave: (x) => Math.sin(4 * Math.PI * x),
  step: (x) => (x < 0.5 ? -0.8 : 0.8),
};

const curves: DocumentSource = {
  name: 'curves',
  length: Object.keys(CURVES).length,
  locate: (index) => Object.keys(CURVES)[index],
  read: async (index) => {
    const [name, fn] = Object.entries(CURVES)[index];
    const samples: Curve = Float32Array.from({ length: 64 }, (_, i) => fn(i / 63));
    return {
      segments: [
        { modality: 'text', value: name },
        { modality: 'curve', value: samples },
      ],
    };
  },
};

export const recipe = defineRecipe({
  name: 'curves',
  modalities: createModalityRegistry(text(), curve()),
  transformer: { modelDim: 64, numLayers: 3, numHeads: 2, ffnDim: 128, qkNorm: true },
  sources: () => [{ source: curves, transform: captionPairs({ captionFirst: 0.5 }) }],
  batch: { numRows: 8, rowLength: 64 },
  optimizer: { learningRate: 3e-3, warmupSteps: 20, weightDecay: 0 },
  totalSteps: 600,
  samples: {
    every: 300,
    requests: Object.keys(CURVES).map((name) => ({
      prompt: [{ modality: 'text', value: name }],
      firstSpan: { modality: 'curve' },
    })),
    guidanceScale: 1,
    numInferenceSteps: 10,
  },
});
