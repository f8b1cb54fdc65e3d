import { codeBlocks } from '@transfusion/setup/markdown-blocks';
import ts from 'typescript';

const headings = ['What', 'Install', 'Use', 'API', 'Limits'];

/** A package's README has the project's second-level headings, in order; undefined if it does. */
export function readmeProblem(text: string): string | undefined {
  const found = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading.trim());
  const ours = found.filter((heading) => headings.includes(heading));
  if (ours.join() === headings.join()) return undefined;
  return `README.md has the headings ${ours.join(', ') || 'none'}, expected ${headings.join(', ')} in this order`;
}

/** Returns the npm packages that a README's programs import, but that its `npm install` lines do not name. */
export function uninstalledImports(text: string): string[] {
  const installed = [...text.matchAll(/^npm install (.*)$/gm)].flatMap(([, names]) =>
    names.split(' ').map((name) => name.replace(/@[\d.]+$/, '')),
  );
  const programs = codeBlocks(text)
    .filter(({ language }) => language === 'ts')
    .map(({ code }) => code)
    .join('\n');
  const imported = ts
    .preProcessFile(programs, true, true)
    .importedFiles.map(({ fileName }) => packageOf(fileName))
    .filter((name) => !/^(?:node:|\.)/.test(name));
  return [...new Set(imported)].filter((name) => !installed.includes(name));
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
