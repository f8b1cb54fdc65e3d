import { ciderD } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import type { LoadedModel } from '@transfusion/recipes';
import { encodeValues, generateTexts } from './generate-all.js';

/** How well captions say what pictures show. */
export interface CaptionScores {
  /** Share of captions that end with the artist. */
  readonly style: number;
  /** Share of captions that name the subject, letter for letter. */
  readonly subject: number;
  /** CIDEr-D of the whole captions, 0 to 10, one reference each. */
  readonly ciderD: number;
}

/** Longer than any name with its style. */
const MAX_TOKENS = 32;

/** What a model says of each picture; it takes the likeliest token each time. */
export function writeCaptions(loaded: LoadedModel, pictures: readonly RgbImage[]): Promise<string[]> {
  return generateTexts(loaded, pictures.length, async (i) => ({
    prompt: await encodeValues(loaded, [pictures[i]]),
    seed: 0,
    minTokens: 1,
    maxTokens: MAX_TOKENS,
    maxSpans: 0,
    tokens: { temperature: 0 },
  }));
}

/** Compares captions with those of the set. */
export function captionScores(
  captions: readonly string[],
  expected: readonly { readonly subject: string; readonly style: string; readonly caption: string }[],
): CaptionScores {
  const said = captions.map(parseCaption);
  const share = (isRight: (i: number) => boolean): number =>
    [...captions.keys()].filter(isRight).length / captions.length;
  const samples = captions.map((candidate, i) => ({ candidate, references: [expected[i].caption] }));
  return {
    style: share((i) => said[i].style === expected[i].style),
    subject: share((i) => said[i].subject === expected[i].subject),
    ciderD: ciderD(samples).mean,
  };
}

/** `family man, woman, boy` and `noto` of `family man, woman, boy, noto`. */
function parseCaption(caption: string): { readonly subject: string; readonly style: string } {
  const comma = caption.lastIndexOf(',');
  return { subject: caption.slice(0, Math.max(0, comma)).trim(), style: caption.slice(comma + 1).trim() };
}
