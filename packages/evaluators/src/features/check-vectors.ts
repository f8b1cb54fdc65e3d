import { TransfusionError } from '@transfusion/errors';
import type { FeatureVectors } from './inner-products.js';

/**
 * Checks two sets of feature vectors.
 *
 * @throws TransfusionError `invalid-argument` for too few vectors, or elements that are not finite; `mismatch` for vectors
 *   of different lengths
 */
export function checkVectors(where: string, a: FeatureVectors, b: FeatureVectors, minCount: number): void {
  for (const [name, set] of Object.entries({ first: a, second: b })) {
    if (set.length < minCount) {
      throw new TransfusionError(
        'invalid-argument',
        `${where}: the ${name} set has ${set.length} vectors, expected at least ${minCount}. Evaluate more images.`,
      );
    }
    set.forEach((vector, index) =>
      checkVector(where, `vector ${index} of the ${name} set`, vector, a[0].length),
    );
  }
}

function checkVector(where: string, name: string, vector: ArrayLike<number>, D: number): void {
  if (vector.length !== D || D === 0) {
    throw new TransfusionError(
      'mismatch',
      `${where}: ${name} has ${vector.length} elements, expected ${D || 'at least 1'}. Use features of one network.`,
    );
  }
  for (let i = 0; i < D; i++) {
    if (Number.isFinite(vector[i])) continue;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: element ${i} of ${name} is ${vector[i]}, expected a finite number.`,
    );
  }
}
