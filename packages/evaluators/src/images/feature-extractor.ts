import type { RgbImage } from '@transfusion/modality-image';
import type { Provenance } from '../contract/evaluator.js';

/** A feature network. */
export interface FeatureExtractor {
  /** Its name, hash and resize filter: all that its features depend on. */
  readonly provenance: Provenance;
  /** Computes one vector per image, all of equal length. */
  extract(images: readonly RgbImage[]): Promise<readonly Float32Array[]>;
}
