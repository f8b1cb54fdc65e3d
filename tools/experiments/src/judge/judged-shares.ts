import type { Judgment } from './judge.js';

/** Shares from 0 to 1 of images whose predicted style or subject is the expected one. */
export interface JudgedShares {
  readonly style: number;
  /** The subject is the most likely one. */
  readonly subjectTop1: number;
  /** The subject is among the five most likely ones. */
  readonly subjectTop5: number;
}

/** Compares predictions with the expected styles and subjects. */
export function judgedShares(
  judgments: readonly Judgment[],
  expected: readonly { readonly style: string; readonly subject: string }[],
): JudgedShares {
  const share = (isRight: (judgment: Judgment, i: number) => boolean): number =>
    judgments.filter(isRight).length / judgments.length;
  return {
    style: share(({ style }, i) => style === expected[i].style),
    subjectTop1: share(({ subjects }, i) => subjects[0] === expected[i].subject),
    subjectTop5: share(({ subjects }, i) => subjects.slice(0, 5).includes(expected[i].subject)),
  };
}
