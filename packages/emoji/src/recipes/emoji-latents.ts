/**
 * Generates and captions emoji of 64 × 64 pixels in the latents of an autoencoder, through a U-Net adapter.
 *
 *     transfusion train emoji-latents
 *
 * Time: 4,500 steps of some 100 documents, 1 s each on two fast cores, after ten minutes of caching latents.
 * Result: in the model card of `@transfusion/emoji`, together with that of emoji-editor.
 */
import { join } from 'node:path';
import { captionPairs, type DocumentSource } from '@transfusion/data';
import { flowEuler } from '@transfusion/diffusion';
import type { EmojiStyleName } from '../data/load-emoji-set.js';
import { createModalityRegistry, type LatentCodec } from '@transfusion/modality';
import { image, unet, type AdapterFactory, type RgbImage } from '@transfusion/modality-image';
import { text, trainBpe, type Tokenizer } from '@transfusion/modality-text';
import {
  defineRecipe,
  type OpenSources,
  type Preparation,
  type Recipe,
  type RecipeOptions,
} from '@transfusion/runs';
import { emojiStyles } from '../model/load-emoji.js';
import { cachedLatents } from './cached-latents.js';
import {
  emojiPairs,
  emojiSampleRequests,
  emojiSource,
  openEmojiSet,
  type EmojiSourceOptions,
} from './emoji-source.js';

/** Options of {@link emojiLatents}. */
export interface EmojiLatentsOptions extends EmojiSourceOptions {
  /** The artists; defaults to `['noto', 'fluent', 'twemoji', 'fluent-3d']`. */
  readonly styles?: readonly EmojiStyleName[];
  /** Codec of a trained autoencoder: 64 × 64 pixels to latents of `latentShape`. */
  readonly codec: LatentCodec<RgbImage>;
  /** Defaults to [8, 8, 8]. */
  readonly latentShape?: readonly [number, number, number];
  /** Folder of the latent cache; defaults to `runs/emoji-latents/cache`. */
  readonly cache?: string;
  /** Timestep shift of `flowEuler`; defaults to 2. Latents with more positions need a larger one. */
  readonly shift?: number;
  /** Side of a patch, in latent positions; defaults to 2. */
  readonly patchSize?: 1 | 2 | 4 | 8;
  /** Adapter for this patch size; defaults to `unet({ channels: [128, 256] })`. */
  readonly adapter?: AdapterFactory;
  /** Defaults to 4500. */
  readonly totalSteps?: number;
  /** Defaults to a transformer of 7.6 million parameters. */
  readonly transformer?: RecipeOptions['transformer'];
}

/** Side of the images, in pixels. */
export const EMOJI_SIZE = 64;

/** Folder of the latent cache. */
export const LATENTS_CACHE = join('runs', 'emoji-latents', 'cache');

/** The transformer: 7.6 million parameters. */
export const EMOJI_TRANSFORMER = { modelDim: 320, numLayers: 6, numHeads: 5, ffnDim: 896, qkNorm: true };

/**
 * Returns the recipe: captions as byte pairs, rectified flow on latents. Images to generate follow their captions;
 * images to caption are jittered and precede them.
 */
export function emojiLatents(options: EmojiLatentsOptions): Recipe {
  const { codec, latentShape = [8, 8, 8], cache = LATENTS_CACHE } = options;
  const { resolveFrom, styles = emojiStyles, totalSteps = 4500, patchSize = 2, shift = 2 } = options;
  const images = image({
    latentShapes: [latentShape],
    codec,
    patchSize,
    adapter: options.adapter ?? unet({ channels: [128, 256] }),
    positionEmbedding: 'axial',
    diffusion: flowEuler({ shift }),
  });
  const cached = (source: DocumentSource, name: string, preparation?: Preparation): Promise<DocumentSource> =>
    cachedLatents(source, images, join(cache, name), preparation);
  const sources: OpenSources = async (preparation) => {
    const { toGenerate, toCaption } = emojiPairs(EMOJI_SIZE, { resolveFrom, styles });
    return [
      { ...toGenerate, source: await cached(toGenerate.source, 'train', preparation) },
      { ...toCaption, source: await cached(toCaption.source, 'train-jittered', preparation) },
    ];
  };
  const validation: OpenSources = async (preparation) => {
    const source = emojiSource(EMOJI_SIZE, { resolveFrom, styles, split: 'validation', keywordShare: 0 });
    return [{ source: await cached(source, 'validation', preparation), transform: captionPairs() }];
  };
  return defineRecipe({
    name: 'emoji-latents',
    modalities: createModalityRegistry(text({ tokenizer: emojiTokenizer({ resolveFrom, styles }) }), images),
    transformer: options.transformer ?? EMOJI_TRANSFORMER,
    sources,
    validation,
    batch: { numRows: 32, rowLength: 96, spanCapacity: { [`image:${latentShape.join('x')}`]: 128 } },
    // Less than the paper's 0.5: even a little noise hides what distinguishes the artists.
    captionNoiseLimit: 0.25,
    optimizer: emojiOptimizer(totalSteps),
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250, batches: 6 },
    samples: { every: 500, requests: emojiSampleRequests(styles), numInferenceSteps: 25 },
  });
}

/** Returns the optimizer's settings for a run of this length. */
export function emojiOptimizer(totalSteps: number) {
  return {
    learningRate: 1.5e-3,
    warmupSteps: Math.min(100, Math.floor(totalSteps / 20)),
    weightDecay: 0.05,
    beta2: 0.98,
    emaDecay: 0.998,
  };
}

/** Trains a byte-pair tokenizer on all names and keywords of the set. */
export function emojiTokenizer(options: EmojiSourceOptions): Tokenizer {
  const { concepts, styles } = openEmojiSet(EMOJI_SIZE, options);
  const captions = concepts.flatMap(({ name, keywords }) =>
    styles.flatMap((style) => [`${name}, ${style.name}`, ...keywords.map((keyword) => ` ${keyword}`)]),
  );
  return trainBpe(captions, { vocabSize: 2048 });
}
