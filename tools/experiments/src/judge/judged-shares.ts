import type { Judgement } from './judge.js';

/** Shares from 0 to 1 of images that the judge takes for what they should be. */
export interface JudgedShares {
  readonly style: number;
  /** The subject is the likeliest one. */
  readonly subjectTop1: number;
  /** The subject is among the five likeliest. */
  readonly subjectTop5: number;
}

/** Compares judgements with what the images should be. */
export function judgedShares(
  judgements: readonly Judgement[],
  expected: readonly { readonly style: string; readonly subject: string }[],
): JudgedShares {
  const share = (isRight: (judgement: Judgement, i: number) => boolean): number =>
    judgements.filter(isRight).length / judgements.length;
  return {
    style: share(({ style }, i) => style === expected[i].style),
    subjectTop1: share(({ subjects }, i) => subjects[0] === expected[i].subject),
    subjectTop5: share(({ subjects }, i) => subjects.slice(0, 5).includes(expected[i].subject)),
  };
}
