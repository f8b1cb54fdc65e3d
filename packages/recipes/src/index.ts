export { builtInRecipes, type BuiltInSettings } from './built-in-recipes.js';
export { paper, paperMixture, paperSizes, type PaperOptions, type PaperSize } from './paper.js';
export { textOnly, type TextOnlyOptions } from './text-only.js';
