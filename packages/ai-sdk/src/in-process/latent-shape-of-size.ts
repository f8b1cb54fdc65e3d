import type { SharedV3Warning } from '@ai-sdk/provider';
import { unsupportedError } from '../ai-sdk-errors.js';
import type { MediaModality } from './modality-of-media.js';

/**
 * Returns the latent shape whose aspect ratio is nearest to a size's; undefined without a size, or for a modality without
 * latents. The modality's codec decides the size itself.
 *
 * @throws UnsupportedFunctionalityError for a size that is not `<width>x<height>`
 */
export function latentShapeOfSize(
  modality: MediaModality,
  size: string | undefined,
): readonly number[] | undefined {
  if (size === undefined) return undefined;
  const [width, height] = parseSize(size);
  if (modality.kind !== 'continuous') return undefined;
  const distance = ([h, w]: readonly number[]): number => Math.abs(Math.log((w * height) / (h * width)));
  return modality.latentShapes.reduce((best, shape) => (distance(shape) < distance(best) ? shape : best));
}

/** Returns a warning if a generated value has another size than was asked for. */
export function sizeWarnings(size: string | undefined, value: unknown): SharedV3Warning[] {
  const { width, height } = value as { width?: number; height?: number };
  if (size === undefined || width === undefined || size === `${width}x${height}`) return [];
  return [
    {
      type: 'unsupported',
      feature: 'size',
      details: `The model generated ${width}x${height} instead of ${size}.`,
    },
  ];
}

function parseSize(size: string): [width: number, height: number] {
  const [, width, height] = /^([1-9]\d*)x([1-9]\d*)$/.exec(size) ?? [];
  if (width !== undefined) return [Number(width), Number(height)];
  throw unsupportedError(
    `transfusionInProcess: size is '${size}', expected <width>x<height>, such as '64x64'. Correct it.`,
    'size',
  );
}
