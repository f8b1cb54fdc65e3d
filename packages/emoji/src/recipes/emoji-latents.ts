/**
 * Draws and names emoji of 64 × 64 pixels in the latents of an autoencoder, through a U-Net adapter.
 *
 *     transfusion train emoji-latents
 *
 * Time: 4,500 steps of some 100 documents, 1 s each on two fast cores; it caches latents first, for ten minutes.
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
  cachedLatents,
  defineRecipe,
  type OpenSources,
  type Preparation,
  type Recipe,
  type RecipeOptions,
} from '@transfusion/runs';
import {
  emojiPairs,
  emojiSampleRequests,
  emojiSource,
  openEmojiSet,
  type EmojiSourceOptions,
} from './emoji-source.js';

/** Options of {@link emojiLatents}. */
export interface EmojiLatentsOptions extends EmojiSourceOptions {
  /** The artists; `['noto', 'fluent', 'twemoji', 'fluent-3d']` by default. */
  readonly styles?: readonly EmojiStyleName[];
  /** Of a trained autoencoder: 64 × 64 pixels to latents of `latentShape`. */
  readonly codec: LatentCodec<RgbImage>;
  /** [8, 8, 8] by default. */
  readonly latentShape?: readonly [number, number, number];
  /** Where the latents are cached; `runs/emoji-latents/cache` by default. */
  readonly cache?: string;
  /** How much likelier noisy levels are, see `flowEuler`; 2 by default. Latents of more places need more. */
  readonly shift?: number;
  /** Side of a patch, in places of a latent; 2 by default. */
  readonly patchSize?: 1 | 2 | 4 | 8;
  /** For this patch size; `unet({ channels: [128, 256] })` by default. */
  readonly adapter?: AdapterFactory;
  /** 4500 by default. */
  readonly totalSteps?: number;
  /** Sizes of the transformer; 7.6 million parameters by default. */
  readonly transformer?: RecipeOptions['transformer'];
}

/** Side of its images, in pixels. */
export const EMOJI_LATENTS_SIZE = 64;

/** Where its latents are cached. */
export const EMOJI_LATENTS_CACHE = join('runs', 'emoji-latents', 'cache');

/** Its transformer: 7.6 million parameters. */
export const EMOJI_TRANSFORMER = { modelDim: 320, numLayers: 6, numHeads: 5, ffnDim: 896, qkNorm: true };

/** Its artists. */
export const EMOJI_LATENTS_STYLES: readonly EmojiStyleName[] = ['noto', 'fluent', 'twemoji', 'fluent-3d'];

/**
 * Emoji by several artists, captions in byte pairs, rectified flow on latents. Images to draw stand as
 * they are behind their captions; images to name are jittered and stand before their names.
 */
export function emojiLatents(options: EmojiLatentsOptions): Recipe {
  const { codec, latentShape = [8, 8, 8], cache = EMOJI_LATENTS_CACHE } = options;
  const { from, styles = EMOJI_LATENTS_STYLES, totalSteps = 4500, patchSize = 2, shift = 2 } = options;
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
    const { toDraw, toName } = emojiPairs(EMOJI_LATENTS_SIZE, { from, styles });
    return [
      { ...toDraw, source: await cached(toDraw.source, 'train', preparation) },
      { ...toName, source: await cached(toName.source, 'train-jittered', preparation) },
    ];
  };
  const validation: OpenSources = async (preparation) => {
    const source = emojiSource(EMOJI_LATENTS_SIZE, { from, styles, split: 'validation', keywordShare: 0 });
    return [{ source: await cached(source, 'validation', preparation), transform: captionPairs() }];
  };
  return defineRecipe({
    name: 'emoji-latents',
    modalities: createModalityRegistry(text({ tokenizer: emojiTokenizer({ from, styles }) }), images),
    transformer: options.transformer ?? EMOJI_TRANSFORMER,
    sources,
    validation,
    batch: { numRows: 32, rowLength: 96, spanCapacity: { [`image:${latentShape.join('x')}`]: 128 } },
    // Less than the paper's 0.5: even a little noise hides what tells the artists apart.
    captionNoiseLimit: 0.25,
    optimizer: emojiOptimizer(totalSteps),
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250, batches: 6 },
    samples: { every: 500, requests: emojiSampleRequests(styles), numInferenceSteps: 25 },
  });
}

/** How it is trained. */
export function emojiOptimizer(totalSteps: number) {
  return {
    learningRate: 1.5e-3,
    warmupSteps: Math.min(100, Math.floor(totalSteps / 20)),
    weightDecay: 0.05,
    beta2: 0.98,
    emaDecay: 0.998,
  };
}

/** Learned from all names and keywords of the set. */
export function emojiTokenizer(options: EmojiSourceOptions): Tokenizer {
  const { concepts, styles } = openEmojiSet(EMOJI_LATENTS_SIZE, options);
  const captions = concepts.flatMap(({ name, keywords }) =>
    styles.flatMap((style) => [`${name}, ${style.name}`, ...keywords.map((keyword) => ` ${keyword}`)]),
  );
  return trainBpe(captions, { vocabSize: 2048 });
}
