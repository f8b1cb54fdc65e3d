import type { ImageModelV3CallOptions, ImageModelV3Usage, SharedV3Warning } from '@ai-sdk/provider';
import { unsupported } from './unsupported-settings.js';

/**
 * No limit: `generateImage` gives all calls that it splits a larger number into the same seed, which would repeat images.
 * It divides by this number, so that `Infinity` would be no call at all.
 */
export const MAX_IMAGES_PER_CALL = Number.MAX_SAFE_INTEGER;

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

/** Returns the size of the images of a reply: among texts, or without images, there is none to choose. */
export function sizeInReply(
  modalities: readonly string[],
  size: string | undefined,
): { readonly size: string | undefined; readonly warnings: SharedV3Warning[] } {
  if (modalities.every((kind) => kind === 'image')) return { size, warnings: [] };
  const details = "It is for modalities ['image'] alone; the model chooses the sizes of images among texts.";
  return { size: undefined, warnings: unsupported({ size }, details) };
}

/** Adds up the usage of a call's images: they share the prompt, which counts once. */
export function totalImageUsage(
  usages: readonly Pick<ImageModelV3Usage, 'inputTokens' | 'outputTokens'>[],
): ImageModelV3Usage {
  const inputTokens = usages[0]?.inputTokens;
  const outputTokens = sum(usages.map((usage) => usage.outputTokens));
  return { inputTokens, outputTokens, totalTokens: sum([inputTokens, outputTokens]) };
}

/** Adds numbers; unknown if one of them is. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.some((number) => number === undefined)
    ? undefined
    : numbers.reduce<number>((a, b) => a + b!, 0);
}
