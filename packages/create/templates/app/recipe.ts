/**
 * The model, its data and its training: `npm run train`.
 *
 * Time: 4,000 steps, about five minutes on two cores. Result, with the images of `npm run make-images`: validation loss 0.76,
 * and captions of nearly all held-out images are right.
 */
import { captionPairs, captionedFolder, readTexts, splitSource } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry, type Document } from '@transfusion/modality';
import { image, imageMedia, isRgbImage } from '@transfusion/modality-image';
import { text, trainBpe } from '@transfusion/modality-text';
import type { Rng } from '@transfusion/nn';
import { defineRecipe, type Recipe } from '@transfusion/runs';
import { varyImage } from './vary-image.js';

/** Images are cropped to a square, and scaled to this many pixels. */
const SIDE = 32;

/** A patch of this many pixels is one position of the sequence; half of it takes four times as many. */
const PATCH = 8;

/** Captions of images that are generated during training, to see how it goes. */
const SAMPLES = [
  'a red circle on white',
  'a blue square on black',
  'a green triangle on gray',
  'a yellow cross on black',
];

/** Most documents are a caption and then its image, for generation; the others are for captioning. */
const inOrder = captionPairs({ captionFirst: 0.7 });

/** Settings that differ between training and its test. */
export interface RecipeSettings {
  /** A folder of images, each with a caption beside it: `cat.png` and `cat.txt`. */
  readonly folder?: string;
  readonly totalSteps?: number;
}

/** Returns the recipe. */
export async function createRecipe(settings: RecipeSettings = {}): Promise<Recipe> {
  const { folder = 'images', totalSteps = 4000 } = settings;
  const all = await captionedFolder(folder, {
    modality: { name: 'image', media: imageMedia({ minSide: 2 * SIDE }) },
  });
  const { train, validation } = splitSource(all);
  // Learns the words of the captions, so that each becomes few tokens.
  const tokenizer = trainBpe(await readTexts(train, { without: 'image' }), { vocabSize: 512 });
  return defineRecipe({
    name: 'new-app',
    modalities: createModalityRegistry(
      text({ tokenizer }),
      image({
        latentShapes: [[SIDE, SIDE, 3]],
        patchSize: PATCH,
        positionEmbedding: 'axial',
        // Predicts the clean pixels; `shift` spends more steps on noisy images, where color and shape are decided.
        diffusion: flowEuler({
          predictionType: 'sample',
          lossWeighting: velocity(0.2),
          clipSample: 1,
          shift: 2,
        }),
      }),
    ),
    transformer: { modelDim: 128, numLayers: 6, numHeads: 4, ffnDim: 384, qkNorm: true },
    sources: () => [{ source: train, transform: (document, rng) => varied(inOrder(document, rng), rng) }],
    validation: () => [{ source: validation, transform: inOrder }],
    batch: { numRows: 8, rowLength: 64 },
    optimizer: { learningRate: 3e-3, weightDecay: 0.05, emaDecay: 0.99 },
    totalSteps,
    checkpoints: { every: 500 },
    evaluation: { every: 500 },
    samples: {
      every: 500,
      requests: SAMPLES.map((value) => ({
        prompt: [{ modality: 'text', value }],
        firstSpan: { modality: 'image' },
      })),
      numInferenceSteps: 25,
    },
  });
}

/** Varies the image of a document if its caption follows: of few images, a model memorizes the captions otherwise. */
function varied(document: Document, rng: Rng): Document {
  const [{ modality, value }, ...caption] = document.segments;
  if (!isRgbImage(value) || caption.length === 0) return document;
  return { segments: [{ modality, value: varyImage(value, rng.fork('variation')) }, ...caption] };
}

/** Called by the `transfusion` command. */
export const recipe = (): Promise<Recipe> => createRecipe();
