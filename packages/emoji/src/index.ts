export {
  emojiConcepts,
  type EmojiConcept,
  type EmojilibJson,
  type UnicodeEmojiJson,
} from './data/emoji-concepts.js';
export {
  emojiCaption,
  emojiDocuments,
  type EmojiDocuments,
  type EmojiDocumentsOptions,
  type EmojiImage,
} from './data/emoji-documents.js';
export { fileStyle, iconifyStyle, type EmojiStyle, type IconifyIcons } from './data/emoji-style.js';
export { loadEmojiSet, type EmojiStyleName, type LoadEmojiSetOptions } from './data/load-emoji-set.js';
export {
  editInstructions,
  emojiEdits,
  type EmojiEdit,
  type EmojiEdits,
  type EmojiEditsOptions,
} from './edits/emoji-edits.js';
export { imageRules, type ImageRule } from './edits/image-rules.js';
export { emojiEvaluators } from './evaluators/emoji-evaluators.js';
export { emojiModelFolder, emojiStyles, loadEmoji } from './model/load-emoji.js';
export { emojiAutoencoderFolder, loadEmojiAutoencoder } from './model/load-emoji-autoencoder.js';
export { emojiAutoencoder, type EmojiAutoencoderOptions } from './recipes/emoji-autoencoder.js';
export { emojiEditor } from './recipes/emoji-editor.js';
export { emojiLatents, type EmojiLatentsOptions } from './recipes/emoji-latents.js';
export { emojiPixels, type EmojiPixelsOptions } from './recipes/emoji-pixels.js';
export { emojiRecipes, type EmojiRecipeSettings } from './recipes/emoji-recipes.js';
export { emojiPairs, emojiSource, type EmojiSourceOptions } from './recipes/emoji-source.js';
export { emojiTokens, type EmojiTokensOptions } from './recipes/emoji-tokens.js';
export { emojiVqAutoencoder } from './recipes/emoji-vq-autoencoder.js';
