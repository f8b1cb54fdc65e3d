/** Finds the workspace's projects without any dependency: this runs before the installation. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const rootManifest = readManifest(root);

/** `pnpm@10.34.9` */
export const pnpmSpec = rootManifest.packageManager;

/** The folders that hold projects, as in pnpm-workspace.yaml; each room of `tools/` may hold several. */
const groups = ['packages', 'packages/onnxruntime-binaries', 'apps', 'tools', 'tools/checks', 'tools/demos'];

/** Every folder of the groups that has a package.json, group by group; of this checkout, or another. */
export function workspaceProjects(checkout = root) {
  return groups.flatMap((group) => {
    const folder = join(checkout, group);
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
