import { createRng } from '@transfusion/nn/rng';
import { TransfusionError } from '@transfusion/errors';
import type { TaskConfig } from './task-config.js';
import type { TaskDocument } from './template.js';

/** Chooses the examples before a question; `self` is its own index among them, if it is one of them. */
export type FewShotSampler = (index: number, self: number | undefined) => readonly TaskDocument[];

/**
 * Creates a sampler: the first ones (`first_n`), or those that the index of the question decides at random. A question is
 * not among its own examples.
 *
 * @throws TransfusionError `invalid-argument` for too few documents
 */
export function fewShotSampler(
  { file, fewshotSampler }: TaskConfig,
  numFewshot: number,
  documents: readonly TaskDocument[],
): FewShotSampler {
  if (documents.length < numFewshot + 1 && numFewshot > 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${file}: num_fewshot is ${numFewshot}, and there are ${documents.length} documents, expected more than that. Use fewer examples.`,
    );
  }
  if (fewshotSampler === 'first_n') {
    return (_, self) => documents.filter((_document, i) => i !== self).slice(0, numFewshot);
  }
  return (index, self) => {
    const rng = createRng(1234).fork(index);
    const chosen = new Set<number>();
    while (chosen.size < numFewshot) {
      const candidate = Math.floor(rng.uniforms(1)[0] * documents.length);
      if (candidate !== self) chosen.add(candidate);
    }
    return [...chosen].map((i) => documents[i]);
  };
}
