import { isCode, type Problem, type TextFile } from '../repository.js';

const maxLines = 400;

/** Long code files need an entry in `reasons` (path to reason), and entries must be in use. */
export function checkFileLengths(
  files: readonly TextFile[],
  reasons: Readonly<Record<string, string>>,
): Problem[] {
  const long = files.filter(({ path, text }) => isCode(path) && lines(text) > maxLines);
  const tooLong = long
    .filter(({ path }) => !reasons[path])
    .map(({ path, text }) => ({
      path,
      problem: `${lines(text)} lines, expected at most ${maxLines}: split it, or give a reason in long-files.json`,
    }));
  const unused = Object.keys(reasons)
    .filter((path) => !long.some((file) => file.path === path))
    .map((path) => ({ path, problem: 'is in long-files.json but is not a long file' }));
  return [...tooLong, ...unused];
}

function lines(text: string): number {
  return text.trimEnd().split('\n').length;
}
