import { basename } from 'node:path';
import { isCode, type Problem, type TextFile } from '../repository.js';

const meaningless = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc']);

/** Code files are kebab-case and named after what is in them. */
export function checkFileNames(files: readonly TextFile[]): Problem[] {
  return files.filter(({ path }) => isCode(path)).flatMap(({ path }) => problemsOf(path));
}

function problemsOf(path: string): Problem[] {
  const words = path.split('/').map((part) => part.split('.')[0]);
  const problems: Problem[] = [];
  if (words.some((word) => meaningless.has(word))) {
    problems.push({ path, problem: 'the name says nothing: name it after what is in it' });
  }
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/.test(basename(path))) {
    problems.push({ path, problem: 'file names are kebab-case' });
  }
  return problems;
}
