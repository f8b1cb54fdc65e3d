/** Finds the workspace's projects without any dependency: this runs before the installation. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const rootManifest = readManifest(root);

/** `pnpm@10.34.9` */
export const pnpmSpec = rootManifest.packageManager;

/** Every folder of `packages/`, `apps/` and `tools/` that has a package.json, in that order. */
export function workspaceProjects() {
  return ['packages', 'apps', 'tools'].flatMap((group) => {
    const folder = join(root, group);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((name) => ({ path: `${group}/${name}`, directory: join(folder, name) }))
      .filter(({ directory }) => existsSync(join(directory, 'package.json')))
      .map((project) => ({ ...project, manifest: readManifest(project.directory) }));
  });
}

function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}
