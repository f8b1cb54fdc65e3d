import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/** Reads a folder of `templates/` with replacements in contents and paths; contents by path with forward slashes. */
export function readTemplate(
  name: string,
  replacements: readonly (readonly [from: string, to: string])[],
): ReadonlyMap<string, string> {
  const replaced = (text: string): string =>
    replacements.reduce((current, [from, to]) => current.replaceAll(from, () => to), text);
  const folder = join(templates, name);
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [
        replaced(relative(folder, file).split(sep).join('/')),
        replaced(readFileSync(file, 'utf8')),
      ]),
  );
}
