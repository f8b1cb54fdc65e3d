import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  createTransfusion,
  type Transfusion,
  type TransfusionParams,
  type TransformerConfig,
} from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  createVocabulary,
  type LatentCodec,
  type VocabularyEntry,
} from '@transfusion/modality';
import { image, unet, type RgbImage } from '@transfusion/modality-image';
import { loadTokenizer, text, type Tokenizer } from '@transfusion/modality-text';
import { createRng, disposeParams, paramsFromSafetensors, readSafetensors } from '@transfusion/nn';
import { loadEmojiAutoencoder } from './load-emoji-autoencoder.js';

/** The folder of the model, for programs that take a run's folder. */
export const emojiModelFolder = fileURLToPath(new URL('../weights/model', import.meta.url));

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
  const { codec, dispose } = await loadEmojiAutoencoder();
  const model = createEmojiModel(
    codec,
    await loadTokenizer(`${emojiModelFolder}/tokenizer.json`),
    JSON.parse(await readFile(`${emojiModelFolder}/checkpoint.json`, 'utf8')) as Checkpoint,
  );
  const like = model.init(createRng(0));
  const file = await readSafetensors(`${emojiModelFolder}/ema.safetensors`);
  try {
    const params = await paramsFromSafetensors(like, file);
    return {
      model,
      params,
      dispose: () => {
        disposeParams(params);
        dispose();
      },
    };
  } finally {
    disposeParams(like);
    await file.close();
  }
}

/** What of the model's `checkpoint.json` its code depends on. */
interface Checkpoint {
  readonly description: {
    readonly transformer: TransformerConfig;
    readonly vocabulary: readonly VocabularyEntry[];
  };
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
