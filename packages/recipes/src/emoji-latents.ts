/**
 * Draws and names emoji of 64 × 64 pixels in the latents of an autoencoder, through a U-Net adapter.
 *
 *     transfusion train emoji-latents
 *
 * Time: 6,000 steps of some 70 documents, 1 s each on two fast cores; it caches latents first, for two minutes.
 * Result so far: after 1,650 steps the loss on held-out documents is 4.1 (tokens 0.65, image 0.69) and falling;
 * colours and layout begin to follow the caption, subjects do not yet.
 */
import { join } from 'node:path';
import {
  cacheLatents,
  captionPairs,
  emojiDocuments,
  loadEmojiSet,
  type DocumentSource,
  type EmojiStyleName,
} from '@transfusion/data';
import { flowEuler } from '@transfusion/diffusion';
import { createModalityRegistry, type LatentCodec } from '@transfusion/modality';
import { decodeImage, image, unet, type AdapterFactory, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from './define-recipe.js';
import { jitteredPictures } from './jittered-pictures.js';
import type { OpenSources, Recipe, RecipeOptions } from './recipe.js';

/** Options of {@link emojiLatents}. */
export interface EmojiLatentsOptions {
  /** Of a trained autoencoder: 64 × 64 pixels to latents of `latentShape`. */
  readonly codec: LatentCodec<RgbImage>;
  /** [8, 8, 8] by default. */
  readonly latentShape?: readonly [number, number, number];
  /** Where the latents are cached; `runs/emoji-latents/cache` by default. */
  readonly cache?: string;
  /** The folder whose `node_modules` hold the emoji packages; the working directory by default. */
  readonly from?: string;
  /** The artists; `['noto', 'fluent', 'twemoji']` by default. */
  readonly styles?: readonly EmojiStyleName[];
  /** `unet({ channels: [128, 256] })` by default. */
  readonly adapter?: AdapterFactory;
  /** 6000 by default. */
  readonly totalSteps?: number;
  /** Sizes of the transformer; 7.6 million parameters by default. */
  readonly transformer?: RecipeOptions['transformer'];
}

const SIZE = 64;

/** Pictures to be named come in so many jittered versions. */
const VERSIONS = 3;

const SAMPLE_CAPTIONS = [
  'red apple, noto',
  'red apple, fluent',
  'red apple, twemoji',
  'grinning face, noto',
  'green heart, fluent',
  'blue circle, twemoji',
  'tangerine, noto',
  'dog face, fluent',
  'sun, twemoji',
  'cat face, twemoji',
  'pizza, fluent',
  'house, noto',
  'guitar, twemoji',
  'octopus, fluent',
  'rose, noto',
  'bus, twemoji',
];

/**
 * Emoji by several artists, captions as bytes, rectified flow on latents. Pictures to draw stand as they
 * are behind their captions; pictures to name are jittered and stand before them.
 */
export function emojiLatents(options: EmojiLatentsOptions): Recipe {
  const { codec, latentShape = [8, 8, 8], cache = join('runs', 'emoji-latents', 'cache') } = options;
  const { from, styles, totalSteps = 6000, adapter = unet({ channels: [128, 256] }) } = options;
  const { transformer = { modelDim: 320, numLayers: 6, numHeads: 5, ffnDim: 896, qkNorm: true } } = options;
  const pictures = image({
    latentShapes: [latentShape],
    codec,
    patchSize: 2,
    adapter,
    positionEmbedding: 'axial',
    diffusion: flowEuler(),
  });
  const open = (split: 'train' | 'held-out'): DocumentSource => {
    const set = loadEmojiSet({ size: SIZE, styles, from });
    // Flags differ in details that so few pixels do not show.
    const concepts = set.concepts.filter(({ group }) => group !== 'Flags');
    const decode = (bytes: Uint8Array) => decodeImage(bytes, { minSide: SIZE });
    return emojiDocuments({ ...set, concepts, split, decode });
  };
  const cached = (source: DocumentSource, name: string): Promise<DocumentSource> =>
    cacheLatents(source, { modality: pictures, directory: join(cache, name) });
  const sources: OpenSources = async () => {
    const source = open('train');
    const jittered = await cached(jitteredPictures(source, VERSIONS), 'train-jittered');
    return [
      { source: await cached(source, 'train'), weight: 0.6, transform: captionPairs({ captionFirst: 1 }) },
      { source: jittered, weight: 0.4, transform: captionPairs({ captionFirst: 0 }) },
    ];
  };
  return defineRecipe({
    name: 'emoji-latents',
    modalities: createModalityRegistry(text(), pictures),
    transformer,
    sources,
    heldOut: async () => [{ source: await cached(open('held-out'), 'held-out'), transform: captionPairs() }],
    batch: { numRows: 32, rowLength: 96 },
    optimizer: {
      learningRate: 1.5e-3,
      warmupSteps: Math.min(100, Math.floor(totalSteps / 20)),
      weightDecay: 0.05,
      beta2: 0.98,
      emaDecay: 0.998,
    },
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250, batches: 6 },
    samples: {
      every: 500,
      requests: SAMPLE_CAPTIONS.map((caption) => ({
        prompt: [{ modality: 'text', value: caption }],
        begin: { modality: 'image' },
      })),
      numInferenceSteps: 25,
    },
  });
}
