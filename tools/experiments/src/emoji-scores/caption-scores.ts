import { ciderD } from '@transfusion/evaluators';

/** Accuracy of captions. */
export interface CaptionScores {
  /** Share of captions that end with the style. */
  readonly style: number;
  /** Share of captions that match the subject exactly. */
  readonly subject: number;
  /** CIDEr-D of the whole captions, 0 to 10, one reference each. */
  readonly ciderD: number;
}

/** Compares captions with those of the set. */
export function captionScores(
  captions: readonly string[],
  expected: readonly { readonly subject: string; readonly style: string; readonly caption: string }[],
): CaptionScores {
  const parsed = captions.map(parseCaption);
  const share = (isRight: (i: number) => boolean): number =>
    [...captions.keys()].filter(isRight).length / captions.length;
  const samples = captions.map((candidate, i) => ({ candidate, references: [expected[i].caption] }));
  return {
    style: share((i) => parsed[i].style === expected[i].style),
    subject: share((i) => parsed[i].subject === expected[i].subject),
    ciderD: ciderD(samples).mean,
  };
}

/** `family man, woman, boy` and `noto` of `family man, woman, boy, noto`. */
function parseCaption(caption: string): { readonly subject: string; readonly style: string } {
  const comma = caption.lastIndexOf(',');
  return { subject: caption.slice(0, Math.max(0, comma)).trim(), style: caption.slice(comma + 1).trim() };
}
