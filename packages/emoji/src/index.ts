export { emojiModelFolder, emojiStyles, loadEmoji, type Emoji } from './load-emoji.js';
export {
  emojiAutoencoderFolder,
  loadEmojiAutoencoder,
  type EmojiAutoencoder,
} from './load-emoji-autoencoder.js';
