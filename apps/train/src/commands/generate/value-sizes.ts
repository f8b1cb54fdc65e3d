import { TransfusionError } from '@transfusion/errors';
import { sizeOf, type Modality, type Shape } from '@transfusion/modality';

/** Width and height of a value, in pixels. */
export interface ValueSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the latent shape that decodes to values of a size.
 *
 * @throws TransfusionError `invalid-argument` if there is none; the message names the sizes that there are
 */
export async function latentShapeOf(modality: Modality, size: ValueSize): Promise<Shape> {
  if (modality.kind === 'discrete') {
    throw new TransfusionError(
      'invalid-argument',
      `--size is ${formatSize(size)}, but '${modality.name}' has no sizes to choose from. Leave it out.`,
    );
  }
  const { latentShapes, codec, name } = modality;
  // The codec alone knows how many pixels a position decodes to.
  const blank = latentShapes.map((shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }));
  const sizes = (await codec.decode(blank)).filter(hasSize);
  const found = sizes.findIndex(({ width, height }) => width === size.width && height === size.height);
  if (found >= 0) return latentShapes[found];
  throw new TransfusionError(
    'invalid-argument',
    sizes.length === 0
      ? `--size is ${formatSize(size)}, but values of '${name}' have no width and height. Leave it out.`
      : `--size is ${formatSize(size)}, but '${name}' has only ${sizes.map(formatSize).join(', ')}. Choose one of these.`,
  );
}

function hasSize(value: unknown): value is ValueSize {
  const { width, height } = (value ?? {}) as Partial<ValueSize>;
  return typeof width === 'number' && typeof height === 'number';
}

function formatSize({ width, height }: ValueSize): string {
  return `${width}x${height}`;
}
