/** Metrics of GenEval: per skill, their mean, and per kind of atom. */
import { bootstrapInterval } from '../contract/bootstrap.js';
import type { Metric } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';
import { ATOM_KINDS, type GenevalAtom } from './geneval-atoms.js';
import { GENEVAL_SKILLS, type GenevalSkill } from './geneval-prompt.js';

/** Verdict on an image. */
export type GenevalImage = { readonly isCorrect: boolean; readonly atoms: readonly GenevalAtom[] };

/** Verdicts on the images of a prompt. */
export type GenevalResult = {
  readonly tag: GenevalSkill;
  readonly prompt: string;
  readonly images: readonly GenevalImage[];
};

const SHARE = { betterIs: 'higher', unit: 'share' } as const;

/**
 * Returns the overall score (the mean of the skills' shares of correct images), the skills, and shares of atoms, averaged over
 * prompts. Samples are prompts: the images of one are alike.
 */
export function genevalMetrics(results: readonly GenevalResult[]): readonly Metric[] {
  const correct = results.map(({ images }) => share(images.map(({ isCorrect }) => isCorrect)));
  const atoms = results.map(({ images }) => images.flatMap((image) => image.atoms));
  const ofAtoms = (name: string, isOne: (atom: GenevalAtom) => boolean): Metric[] => {
    const values = atoms
      .map((list) => list.filter(isOne))
      .filter((list) => list.length > 0)
      .map((list) => share(list.map(({ holds }) => holds)));
    return values.length === 0 ? [] : [meanMetric(name, values, SHARE)];
  };
  return [
    overall(results, correct),
    ...GENEVAL_SKILLS.flatMap((skill) => {
      const values = correct.filter((_, i) => results[i].tag === skill);
      return values.length === 0 ? [] : [meanMetric(skill, values, SHARE)];
    }),
    meanMetric('correct images', correct, SHARE),
    meanMetric(
      'prompts with a correct image',
      correct.map((value) => Number(value > 0)),
      SHARE,
    ),
    ...ofAtoms('atoms', () => true),
    ...ATOM_KINDS.flatMap((kind) => ofAtoms(`${kind} atoms`, (atom) => atom.kind === kind)),
  ];
}

function overall(results: readonly GenevalResult[], correct: readonly number[]): Metric {
  const skills = results.map(({ tag }) => GENEVAL_SKILLS.indexOf(tag));
  const meanOfSkills = (indices: Iterable<number>): number => {
    const sums = GENEVAL_SKILLS.map(() => 0);
    const counts = GENEVAL_SKILLS.map(() => 0);
    for (const i of indices) {
      sums[skills[i]] += correct[i];
      counts[skills[i]]++;
    }
    const means = sums.map((sum, skill) => sum / counts[skill]).filter((_, skill) => counts[skill] > 0);
    return means.reduce((sum, mean) => sum + mean) / means.length;
  };
  return {
    name: 'GenEval',
    value: meanOfSkills(results.keys()),
    count: results.length,
    interval: bootstrapInterval(results.length, meanOfSkills),
    ...SHARE,
  };
}

function share(verdicts: readonly boolean[]): number {
  return verdicts.filter(Boolean).length / verdicts.length;
}
