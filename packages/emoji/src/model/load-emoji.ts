import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createTransfusion,
  type TransformerConfig,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import {
  createModalityRegistry,
  createVocabulary,
  type LatentCodec,
  type VocabularyEntry,
} from '@transfusion/modality';
import { image, unet, type RgbImage } from '@transfusion/modality-image';
import { loadTokenizer, text, type Tokenizer } from '@transfusion/modality-text';
import { createRng, disposeParams, paramsFromSafetensors, readSafetensors } from '@transfusion/nn';
import { weightsFolder } from '../weights-folder.js';
import { loadEmojiAutoencoder } from './load-emoji-autoencoder.js';

/** The folder of the model, for programs that take a run's folder. */
export const emojiModelFolder = join(weightsFolder, 'model');

/** A trained model: what the functions of `@transfusion/pipelines` take. */
export interface Emoji {
  readonly model: Transfusion;
  readonly params: TransfusionParams;
  /** Frees the weights; the model is of no use afterwards. */
  dispose(): void;
}

/** The styles that it knows, as captions have them: `red apple, noto`. */
export const emojiStyles = ['noto', 'fluent', 'twemoji', 'fluent-3d'] as const;

/**
 * Loads the model that the package carries, with its autoencoder, on the active engine (see `selectEngine`).
 *
 * @throws TransfusionError `invalid-file` if the weights are damaged
 */
export async function loadEmoji(): Promise<Emoji> {
  const codec = await loadEmojiAutoencoder();
  try {
    const tokenizer = await loadTokenizer(join(emojiModelFolder, 'tokenizer.json'));
    const model = createEmojiModel(codec, tokenizer, await readCheckpoint());
    const params = await readParams(model);
    return {
      model,
      params,
      dispose: () => {
        disposeParams(params);
        codec.dispose();
      },
    };
  } catch (error) {
    codec.dispose();
    throw error;
  }
}

async function readParams(model: Transfusion): Promise<TransfusionParams> {
  const like = model.init(createRng(0));
  try {
    const file = await readSafetensors(join(emojiModelFolder, 'ema.safetensors'));
    try {
      return await paramsFromSafetensors(like, file);
    } finally {
      await file.close();
    }
  } finally {
    disposeParams(like);
  }
}

/** What of the model's `checkpoint.json` its code depends on. */
interface Checkpoint {
  readonly description: {
    readonly transformer: TransformerConfig;
    readonly vocabulary: readonly VocabularyEntry[];
  };
}

async function readCheckpoint(): Promise<Checkpoint> {
  const path = join(emojiModelFolder, 'checkpoint.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Checkpoint;
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}.`, { cause });
  }
}

/** As the recipes `emojiLatents` and `emojiEditor` of `@transfusion/recipes` make it. */
function createEmojiModel(
  codec: LatentCodec<RgbImage>,
  tokenizer: Tokenizer,
  { description }: Checkpoint,
): Transfusion {
  const modalities = createModalityRegistry(
    text({ tokenizer }),
    image({
      latentShapes: [[8, 8, 8]],
      codec,
      patchSize: 2,
      adapter: unet({ channels: [128, 256] }),
      positionEmbedding: 'axial',
      diffusion: flowEuler({ shift: 2 }),
    }),
  );
  const vocabulary = createVocabulary(modalities, description.vocabulary);
  return createTransfusion({ transformer: description.transformer, modalities, vocabulary });
}
