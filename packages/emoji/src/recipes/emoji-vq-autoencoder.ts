/**
 * A VQ autoencoder of emoji: 64 × 64 pixels to 8 × 8 entries of a codebook of 1,024.
 *
 *     transfusion train emoji-vq-autoencoder
 *
 * Time and result: not run at full size. The networks and the schedule are those of emoji-autoencoder.
 */
import { defineAutoencoderRecipe, type AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import { emojiAutoencoder, type EmojiAutoencoderOptions } from './emoji-autoencoder.js';

/** Returns the recipe of {@link emojiAutoencoder}, with a codebook instead of the Gaussian latent. */
export function emojiVqAutoencoder(options: EmojiAutoencoderOptions = {}): AutoencoderRecipe {
  const gaussian = emojiAutoencoder(options);
  return defineAutoencoderRecipe({
    ...gaussian,
    name: 'emoji-vq-autoencoder',
    autoencoder: { ...gaussian.autoencoder, codebookSize: 1024 },
  });
}
