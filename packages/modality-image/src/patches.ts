import type * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';

/**
 * Splits [N, h, w, C] into patches of k × k, row by row: [N, P, k · k · C].
 *
 * @throws TransfusionError `mismatch` if h and w are not multiples of k
 */
export function patchify(x: tf.Tensor, k: number): tf.Tensor3D {
  const [N, h, w, C] = x.shape as [number, number, number, number];
  if (h % k !== 0 || w % k !== 0) {
    throw new TransfusionError(
      'mismatch',
      `patchify: x is [${x.shape}], expected a height and width that are multiples of ${k}, the patch size.`,
    );
  }
  return x
    .reshape([N, h / k, k, w / k, k, C])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape([N, (h / k) * (w / k), k * k * C]) as tf.Tensor3D;
}

/** Inverts {@link patchify}: [N, P, k · k · C] -> [N, h, w, C]. */
export function unpatchify(patches: tf.Tensor3D, k: number, [h, w, C]: readonly number[]): tf.Tensor4D {
  const N = patches.shape[0];
  return patches
    .reshape([N, h / k, w / k, k, k, C])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape([N, h, w, C]) as tf.Tensor4D;
}
