/**
 * Latent shapes with different aspect ratios and similar areas, so that images lose little to cropping and cost about the
 * same (aspect-ratio bucketing by NovelAI; Podell et al. 2023, "SDXL", section 2.3).
 */
import { TransfusionError } from '@transfusion/errors';
import { sameShape, type Shape } from '@transfusion/modality';

/** Options of {@link aspectBuckets}. */
export interface AspectBucketOptions {
  /** Approximate number of positions h · w of each shape: 256 for 16 × 16. */
  readonly area: number;
  /** Divisor of all sides: the modality's `patchSize`. */
  readonly multipleOf: number;
  /** Number of latent channels: 3 for pixels. */
  readonly channels: number;
  /** Width / height of each shape; defaults to square, landscape and portrait: `[1, 3 / 2, 2 / 3]`. */
  readonly ratios?: readonly number[];
}

/**
 * Returns one shape [h, w, channels] per ratio, in order: the sides are the multiples nearest to ratio and area.
 * Duplicates are dropped.
 *
 * @throws TransfusionError `invalid-argument` for numbers that are not positive, or without ratios
 */
export function aspectBuckets(options: AspectBucketOptions): readonly Shape[] {
  const { area, multipleOf, channels, ratios = [1, 3 / 2, 2 / 3] } = options;
  checkOptions({ area, multipleOf, channels }, ratios);
  const shapes = ratios.map((ratio): Shape => {
    // Portraits are transposed landscapes, also if two shapes are equally near.
    const [short, long] = nearestLandscape(area, Math.max(ratio, 1 / ratio), multipleOf);
    return ratio < 1 ? [long, short, channels] : [short, long, channels];
  });
  return shapes.filter((shape, i) => shapes.findIndex((other) => sameShape(shape, other)) === i);
}

type Sides = readonly [h: number, w: number];

function nearestLandscape(area: number, ratio: number, multipleOf: number): Sides {
  const [heights, widths] = [Math.sqrt(area / ratio), Math.sqrt(area * ratio)].map((side) =>
    [Math.floor(side / multipleOf), Math.ceil(side / multipleOf)].map((n) => Math.max(1, n) * multipleOf),
  );
  // The ratio counts twice: a wrong ratio crops images, a wrong area only changes the cost.
  const distance = ([h, w]: Sides): number =>
    2 * Math.abs(Math.log(w / h / ratio)) + Math.abs(Math.log((w * h) / area));
  return heights
    .flatMap((h) => widths.map((w): Sides => [h, w]))
    .reduce((best, sides) => (distance(sides) < distance(best) ? sides : best));
}

function checkOptions(counts: Readonly<Record<string, number>>, ratios: readonly number[]): void {
  const fail = (problem: string): never => {
    throw new TransfusionError('invalid-argument', `aspectBuckets: ${problem}.`);
  };
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) fail(`${name} is ${count}, expected a positive integer`);
  }
  if (ratios.length === 0) fail('ratios is empty, expected at least one');
  for (const ratio of ratios) {
    if (!(ratio > 0 && Number.isFinite(ratio))) fail(`a ratio is ${ratio}, expected a positive number`);
  }
}
