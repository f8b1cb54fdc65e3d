import { TransfusionError } from '@transfusion/errors';
import { formatShape, sameShape, sizeOf, type Latent } from './latent.js';
import type { ContinuousModality } from './modality.js';

/**
 * Checks that a latent has one of the modality's shapes, and as many elements as its shape.
 *
 * @throws TransfusionError `mismatch` if not
 */
export function checkLatent(modality: ContinuousModality, { shape, data }: Latent, where: string): void {
  if (!modality.latentShapes.some((allowed) => sameShape(allowed, shape))) {
    throw new TransfusionError(
      'mismatch',
      `${where}: the latent has the shape ${formatShape(shape)}, expected one of '${modality.name}': ` +
        `${modality.latentShapes.map(formatShape).join(', ')}. Add the shape to latentShapes, or load the matching codec.`,
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new TransfusionError(
      'mismatch',
      `${where}: the latent has ${data.length} elements, expected ${sizeOf(shape)} for ${formatShape(shape)}.`,
    );
  }
}
