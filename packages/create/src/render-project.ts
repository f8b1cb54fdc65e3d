import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTestedVersions } from './package-ranges.js';
import type { Project } from './template.js';

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/** Files that npm would leave out or take for its own, as they are stored. */
const STORED: Readonly<Record<string, string>> = {
  _github: '.github',
  _gitignore: '.gitignore',
  _npmrc: '.npmrc',
  '_package.json': 'package.json',
  '_tsconfig.json': 'tsconfig.json',
};

/** Returns the files of a project, contents by path with forward slashes. */
export function renderProject({
  folders,
  replacements,
}: Pick<Project, 'folders' | 'replacements'>): ReadonlyMap<string, string> {
  const replaced = (text: string): string =>
    replacements.reduce((current, [from, to]) => current.replaceAll(from, () => to), text);
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const stored of filesIn(resolve(templates, folder))) {
      const text = readFileSync(resolve(templates, folder, ...stored), 'utf8');
      const path = replaced(stored.map((part) => STORED[part] ?? part).join('/'));
      files.set(path, replaced(path.endsWith('package.json') ? withTestedVersions(text) : text));
    }
  }
  return files;
}

/** Paths of all files below a folder, as lists of their parts. */
function filesIn(folder: string): string[][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep))
    .filter((parts) => !parts.includes('node_modules'))
    .sort();
}
