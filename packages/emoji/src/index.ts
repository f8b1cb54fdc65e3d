export {
  emojiAutoencoderFolder,
  loadEmojiAutoencoder,
  type EmojiAutoencoder,
} from './load-emoji-autoencoder.js';
