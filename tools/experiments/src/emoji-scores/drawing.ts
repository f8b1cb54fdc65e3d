import type { RgbImage } from '@transfusion/modality-image';
import type { LoadedModel } from '@transfusion/recipes';
import { encodeValues, generatePictures } from './generate-all.js';

/** How pictures are drawn. */
export interface DrawingSettings {
  /** Steps from noise to picture. */
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Of the first picture; further ones count up from it. */
  readonly seed: number;
}

/** Draws a picture of each caption. */
export function drawCaptions(
  loaded: LoadedModel,
  captions: readonly string[],
  { seed, ...spans }: DrawingSettings,
): Promise<RgbImage[]> {
  return generatePictures(loaded, captions.length, async (i) => ({
    prompt: await encodeValues(loaded, [captions[i]]),
    begin: { modality: 'image' },
    seed: seed + i,
    maxTokens: 0,
    spans,
  }));
}
