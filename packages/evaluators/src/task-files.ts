import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TransfusionError } from '@transfusion/errors';

/** Folder of the tasks that are part of the package: as far from this file as from the built one. */
const folder = new URL('../tasks/', import.meta.url);

/** Names of the tasks that are part of the package. */
export function taskNames(): string[] {
  return readdirSync(folder).flatMap((name) =>
    name.endsWith('.yaml') ? [name.slice(0, -'.yaml'.length)] : [],
  );
}

/**
 * Returns the path of a task of the package.
 *
 * @throws TransfusionError `not-found` for an unknown name
 */
export function taskPath(name: string): string {
  const path = fileURLToPath(new URL(`${name}.yaml`, folder));
  if (/^\w+$/.test(name) && existsSync(path)) return path;
  throw new TransfusionError(
    'not-found',
    `lmEvalTask: there is no task '${name}', expected ${taskNames().join(', ')}, or the path of a YAML file.`,
  );
}
