/**
 * Fits the preview of the shipped autoencoder's latents on training emoji, and stores it in the shipped model:
 * `npx tsx --conditions=@transfusion/source src/fit-emoji-preview.ts`. Half a minute on two cores; the weights keep every
 * bit.
 */
import { selectEngine } from '@transfusion/engine';
import { emojiAutoencoderFolder, emojiModelFolder, loadEmojiAutoencoder } from '@transfusion/emoji';
import { fitLatentPreview, readAutoencoder, writeAutoencoder } from '@transfusion/modality-image';
import { createRng, disposeParams } from '@transfusion/nn';
import { labeledImages, openEmoji } from './emoji-set.js';
import { reexportWeights } from './reexport-weights.js';

const NUM_IMAGES = 256;

await selectEngine('onnxruntime');
const source = openEmoji('train');
const indices = createRng(0).permutation(source.length).subarray(0, NUM_IMAGES);
const images = (await labeledImages(source, [...indices])).map(({ image }) => image);
const codec = await loadEmojiAutoencoder();
const preview = await fitLatentPreview(codec, images);
codec.dispose();

const trained = await readAutoencoder(emojiAutoencoderFolder);
await writeAutoencoder(emojiAutoencoderFolder, { ...trained, preview });
disposeParams(trained.params);
await reexportWeights(emojiModelFolder);
