/** Splitting as the reference implementation does it. */

/** Behaviors towards the matches of a pattern. */
export const SPLIT_BEHAVIORS = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;

/** One of {@link SPLIT_BEHAVIORS}. */
export type SplitBehavior = (typeof SPLIT_BEHAVIORS)[number];

interface Part {
  text: string;
  readonly isMatch: boolean;
}

/** Splits a text into the parts that are not empty. @param invert takes for matches what lies between them */
export function splitText(text: string, pattern: RegExp, behavior: SplitBehavior, invert = false): string[] {
  const parts = partsOf(text, pattern, invert);
  return joinParts(parts, behavior).filter((part) => part !== '');
}

function partsOf(text: string, pattern: RegExp, invert: boolean): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), isMatch: invert });
    parts.push({ text: match[0], isMatch: !invert });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMatch: invert });
  return parts;
}

function joinParts(parts: Part[], behavior: SplitBehavior): string[] {
  switch (behavior) {
    case 'Removed':
      return parts.filter(({ isMatch }) => !isMatch).map(({ text }) => text);
    case 'Isolated':
      return parts.map(({ text }) => text);
    case 'Contiguous':
      return joinIf(parts, (part, before) => part.isMatch === before.isMatch);
    case 'MergedWithPrevious':
      return joinIf(parts, (part, before) => part.isMatch && !before.isMatch);
    case 'MergedWithNext':
      return joinIf(parts, (part, before) => before.isMatch && !part.isMatch);
  }
}

/** Joins a part to the one before it where asked to. */
function joinIf(parts: readonly Part[], isJoined: (part: Part, before: Part) => boolean): string[] {
  const joined: string[] = [];
  parts.forEach((part, i) => {
    if (i > 0 && isJoined(part, parts[i - 1])) joined[joined.length - 1] += part.text;
    else joined.push(part.text);
  });
  return joined;
}
