import type { Rng } from './rng.js';

/**
 * A stream of zeros. Initializes parameters of which only the shapes matter, such as those that a file is read into,
 * without the cost of sampling.
 */
export const zeroRng: Rng = {
  uint32: () => 0,
  integer: () => 0,
  uniform: () => 0,
  uniforms: (count) => new Float32Array(count),
  normals: (count) => new Float32Array(count),
  permutation: (length) => Uint32Array.from({ length }, (_, i) => i),
  fork: () => zeroRng,
  state: () => ({ key: [0, 0], position: 0 }),
};
