/**
 * The model, its data and its training.
 *
 *     npm run train
 *
 * Time: 500 steps, about five minutes on two cores. Result: with the images of `npm run make-images`, …
 */
import { captionPairs, captionedFolder, splitSource } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type Recipe } from '@transfusion/runs';

/** Images of these captions are generated during training. */
const SAMPLES = [
  'a large red circle on white',
  'a small blue square on black',
  'a large green triangle on gray',
  'a small yellow cross on black',
];

const SIDE = 32;
const PATCH = 4;

/** Returns the recipe for a folder of images with their captions: `cat.png` and `cat.txt`. */
export function createRecipe({ folder = 'images', totalSteps = 500 } = {}): Recipe {
  const images = image({
    latentShapes: [[SIDE, SIDE, 3]],
    patchSize: PATCH,
    positionEmbedding: 'axial',
    // Denoises pixels; the model predicts the clean image.
    diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2), clipSample: 1 }),
  });
  const split = async () => splitSource(await captionedFolder(folder, { modality: images }));
  return defineRecipe({
    name: 'new-app',
    modalities: createModalityRegistry(text(), images),
    transformer: { modelDim: 192, numLayers: 6, numHeads: 6, ffnDim: 576, qkNorm: true },
    sources: async () => {
      const { train } = await split();
      // Seven documents of ten are captions followed by their image, for generation; the others are for captioning.
      return [{ source: train, transform: captionPairs({ captionFirst: 0.7 }) }];
    },
    validation: async () => {
      const { validation } = await split();
      return [{ source: validation, transform: captionPairs({ captionFirst: 0.7 }) }];
    },
    // An image takes 66 positions, and a caption one for each of its letters: a row has room for three such pairs.
    batch: { numRows: 8, rowLength: 320 },
    optimizer: { learningRate: 2e-3, weightDecay: 0.05, emaDecay: 0.99 },
    totalSteps,
    checkpoints: { every: 100 },
    evaluation: { every: 100 },
    samples: {
      every: 100,
      requests: SAMPLES.map((value) => ({
        prompt: [{ modality: 'text', value }],
        firstSpan: { modality: 'image' },
      })),
      numInferenceSteps: 25,
    },
  });
}

export const recipe = createRecipe();
