import { TransfusionError } from '@transfusion/errors';
import { sizeOf, type Modality, type Shape } from '@transfusion/modality';

/** Width and height of a value, in pixels. */
export interface ValueSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the latent shape that decodes to values of this size.
 *
 * @throws TransfusionError `invalid-argument` if there is none; the message lists the available sizes
 */
export async function latentShapeOf(modality: Modality, size: ValueSize): Promise<Shape> {
  if (modality.kind === 'discrete') {
    throw new TransfusionError(
      'invalid-argument',
      `--size is ${formatSize(size)}, but '${modality.name}' is discrete, expected a continuous modality. Omit --size.`,
    );
  }
  const { latentShapes, codec, name } = modality;
  // Only the codec knows how many pixels a latent position decodes to.
  const blank = latentShapes.map((shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }));
  const sizes = (await codec.decode(blank)).filter(hasSize);
  const index = sizes.findIndex(({ width, height }) => width === size.width && height === size.height);
  if (index >= 0) return latentShapes[index];
  throw new TransfusionError(
    'invalid-argument',
    sizes.length === 0
      ? `--size is ${formatSize(size)}, but values of '${name}' have no width and height. Omit --size.`
      : `--size is ${formatSize(size)}, expected a size of '${name}': ${sizes.map(formatSize).join(', ')}.`,
  );
}

function hasSize(value: unknown): value is ValueSize {
  const { width, height } = (value ?? {}) as Partial<ValueSize>;
  return typeof width === 'number' && typeof height === 'number';
}

function formatSize({ width, height }: ValueSize): string {
  return `${width}x${height}`;
}
