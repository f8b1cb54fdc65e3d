import type { DiscreteModality } from '@transfusion/modality';

/** Melodies of three notes, out of eight: a modality whose values all have as many tokens. */
export const melody: DiscreteModality<'melody', readonly number[]> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'melody',
  vocabSize: 8,
  tokensPerValue: 3,
  accepts: (value): value is readonly number[] => Array.isArray(value),
  encode: (notes) => Int32Array.from(notes),
  decode: (ids) => [...ids],
};
