import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type Recipe } from '@transfusion/runs';
import type { DemoSet } from './demo-set.js';
import type { DemoSettings } from './settings.js';

/** Prompts sampled during training. */
export const PROGRESS_PROMPTS = [
  'red heart, noto',
  'blue circle, fluent',
  'green square, twemoji',
  'red apple, noto',
  'grinning face, fluent',
  'sun, twemoji',
];

/** Room for text in a row: the longest caption, three keywords and a style in 60 bytes, and four markers. */
const TEXT_POSITIONS = 64;

/** The demo's training run: pixels, patches of 4 × 4, text as bytes, rectified flow that predicts the clean image. */
export function demoRecipe(settings: DemoSettings, { sources }: DemoSet): Recipe {
  const { imageSize, transformer, numRows, steps, seed } = settings;
  return defineRecipe({
    name: 'demo',
    seed,
    modalities: createModalityRegistry(
      text(),
      image({
        latentShapes: [[imageSize, imageSize, 3]],
        patchSize: 4,
        positionEmbedding: 'axial',
        diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2), clipSample: 1 }),
      }),
    ),
    transformer,
    sources,
    batch: { numRows, rowLength: (imageSize / 4) ** 2 + TEXT_POSITIONS },
    optimizer: {
      learningRate: 3e-3,
      warmupSteps: Math.min(30, steps - 1),
      weightDecay: 0.05,
      emaDecay: 0.99,
    },
    totalSteps: steps,
    checkpoints: { every: steps, keep: 1 },
    samples: {
      every: settings.samplesEvery,
      requests: PROGRESS_PROMPTS.map((caption) => ({
        prompt: [{ modality: 'text', value: caption }],
        firstSpan: { modality: 'image' },
      })),
      numInferenceSteps: settings.numInferenceSteps,
      guidanceScale: settings.guidanceScale,
    },
  });
}
