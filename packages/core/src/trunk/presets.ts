import { nearestName, TransfusionError } from '@transfusion/errors';
import { transformerConfig, type TransformerConfig } from './config.js';

const sizes = {
  // Small enough to train on a laptop CPU; the last two are used in the benchmark.
  nano: { numLayers: 4, modelDim: 128, numHeads: 4, ffnDim: 384 },
  micro: { numLayers: 6, modelDim: 256, numHeads: 4, ffnDim: 704 },
  '11m': { numLayers: 6, modelDim: 384, numHeads: 6, ffnDim: 1024 },
  '40m': { numLayers: 8, modelDim: 640, numHeads: 10, ffnDim: 1792 },
  // Table 1 of the Transfusion paper.
  '0.16b': { numLayers: 16, modelDim: 768, numHeads: 12 },
  '0.37b': { numLayers: 24, modelDim: 1024, numHeads: 16 },
  '0.76b': { numLayers: 24, modelDim: 1536, numHeads: 24 },
  '1.4b': { numLayers: 24, modelDim: 2048, numHeads: 16 },
  '7b': { numLayers: 32, modelDim: 4096, numHeads: 32 },
} as const;

/** Name of a {@link transformerPreset}. */
export type TransformerPresetName = keyof typeof sizes;

/** Names of all presets, smallest first. */
export const transformerPresetNames = Object.keys(sizes) as readonly TransformerPresetName[];

/**
 * Returns a preset configuration: four small ones from `nano` up, or one of the Transfusion paper's five.
 *
 * @throws TransfusionError `not-found` for an unknown name
 */
export function transformerPreset(name: TransformerPresetName): TransformerConfig {
  if (!Object.hasOwn(sizes, name)) throw unknownPreset(name);
  return transformerConfig(sizes[name]);
}

function unknownPreset(name: unknown): TransfusionError {
  const nearest = nearestName(String(name), transformerPresetNames);
  return new TransfusionError(
    'not-found',
    `transformerPreset: unknown name '${String(name)}', expected one of ${transformerPresetNames.join(', ')}.` +
      (nearest === undefined ? '' : ` Did you mean '${nearest}'?`),
  );
}
