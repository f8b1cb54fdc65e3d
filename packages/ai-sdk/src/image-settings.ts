import type { ImageModelV3CallOptions, SharedV3Warning } from '@ai-sdk/provider';
import { unsupported } from './unsupported-settings.js';

/** The limit of OpenAI's wire. */
export const MAX_IMAGES_PER_CALL = 10;

/** Returns the warnings about what image models do not take. */
export function imageSettingWarnings({
  aspectRatio,
  files = [],
  mask,
}: ImageModelV3CallOptions): SharedV3Warning[] {
  return [
    ...unsupported({ aspectRatio }, 'Use size.'),
    ...unsupported(
      { mask: files.length === 0 ? mask : undefined },
      'A mask needs an image; the mask was left out.',
    ),
  ];
}
